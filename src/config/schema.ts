import { type Static, type StringOptions, Type } from '../schema/index.js';

/**
 * Every setting there is: its type, its default, and what it does in a sentence. Files, environment, flags
 * and their help are all read by it.
 */

/** One of some words. As an `enum`, since a union of literals makes for messages that nobody understands. */
function OneOf<const Word extends string>(words: readonly Word[], options: StringOptions) {
  return Type.Unsafe<Word>({ type: 'string', enum: words, ...options });
}

export const KeywordConfigSchema = Type.Object(
  {
    threshold: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description: "Smoothed posterior at which the keyword is detected; the model pack's own unless told.",
      }),
    ),
    patience: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description:
          "Consecutive positions over the threshold that it takes; the model pack's own unless told.",
      }),
    ),
    enabled: Type.Optional(
      Type.Boolean({ description: 'Whether it is listened for; it is unless told otherwise.' }),
    ),
    label: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'What it is called for people; its name unless told.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const ConfigSchema = Type.Object(
  {
    input: Type.String({
      default: 'auto',
      minLength: 1,
      description:
        'What to listen to: mic, - for raw s16le audio on stdin, the path of an audio file, or auto for ' +
        'the microphone and, where there is none, the bundled sample.',
    }),
    model: Type.String({
      default: 'wake-words-en',
      minLength: 1,
      description: 'Model pack: the name of one that comes with wakegate, or a folder.',
    }),
    backend: OneOf(['auto', 'node', 'wasm'], {
      default: 'auto',
      description:
        'What the classifier runs on: tfjs-node, WebAssembly, or auto for tfjs-node where it loads.',
    }),
    gate: OneOf(['on', 'off'], {
      default: 'on',
      description: 'off hands every window over to the classifier: the always-on baseline, for comparison.',
    }),
    levelGate: OneOf(['on', 'off'], {
      default: 'on',
      description: 'off looks into sound at the noise floor too, which costs more and finds hardly anything.',
    }),
    host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description:
        'Address to serve on. Any other than one of this machine alone, such as 127.0.0.1, needs a token.',
    }),
    port: Type.Integer({
      default: 8765,
      minimum: 0,
      maximum: 65_535,
      description: 'Port to serve on; 0 for any that is free.',
    }),
    tokenFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'File with the token that every request must carry, as "Authorization: Bearer ..."; only /healthz is ' +
          'open. None unless told.',
      }),
    ),
    loopbackToken: OneOf(['on', 'off'], {
      default: 'on',
      description:
        'off lets programs of this machine itself in without the token. Leave it on behind a proxy, through which ' +
        'everyone seems to come from here.',
    }),
    allowedOrigins: Type.Array(Type.String({ pattern: '^https?://[^/?#]+$' }), {
      default: [],
      description:
        'Origins of web sites, such as https://home.example, whose pages may use the service from a browser; ' +
        'as a text, with commas between.',
    }),
    idleSeconds: Type.Number({
      default: 10,
      minimum: 0,
      maximum: 86_400,
      description: 'How long the classifier stays awake with nothing to do.',
    }),
    stateDirectory: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Where settings are kept that are changed while it runs; STATE_DIRECTORY of the environment or ' +
          '~/.local/state/wakegate unless told.',
      }),
    ),
    captures: OneOf(['on', 'off'], {
      default: 'off',
      description:
        'on keeps what was heard as audio files in the state directory, with two seconds before and one after: each ' +
        'detection, and near misses.',
    }),
    captureFloor: Type.Number({
      default: 0.7,
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Score from which on it was a near miss.',
    }),
    captureMaxCount: Type.Integer({
      default: 200,
      minimum: 1,
      maximum: 10_000,
      description: 'Captures that are kept at most: beyond that the oldest go, those without a label first.',
    }),
    captureMaxMegabytes: Type.Number({
      default: 64,
      exclusiveMinimum: 0,
      maximum: 10_000,
      description: 'What all captures may take on the disk.',
    }),
    captureMaxDays: Type.Number({
      default: 30,
      exclusiveMinimum: 0,
      maximum: 3650,
      description: 'How long a capture is kept.',
    }),
    logLevel: OneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      default: 'info',
      description: 'What is logged.',
    }),
    recorder: OneOf(['auto', 'arecord', 'parec', 'pw-record', 'sox'], {
      default: 'auto',
      description:
        'Program that records from the microphone; auto for the first that has something to record from.',
    }),
    device: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "The recorder's own name of the microphone, as `wakegate devices` lists it; its default one unless told.",
      }),
    ),
    rate: Type.Integer({
      default: 16_000,
      minimum: 8000,
      maximum: 192_000,
      description:
        'Sample rate of the audio on stdin, and the one that the microphone is asked for, in Hz. Another one than ' +
        '16000 is resampled.',
    }),
    channels: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 8,
      description: 'Channels of the audio on stdin, interleaved, and of the microphone.',
    }),
    channel: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 8,
      description: 'The one channel to listen to, counted from 1; 0 for the mean of all.',
    }),
    gainDb: Type.Number({
      default: 0,
      minimum: -40,
      maximum: 40,
      description: "Gain of the microphone in dB, beside the sound card's own.",
    }),
    highPassHz: Type.Number({
      default: 0,
      minimum: 0,
      maximum: 500,
      description: 'Corner of a high-pass filter of the microphone, against DC and hum, in Hz; 0 for none.',
    }),
    keywords: Type.Record(Type.String(), KeywordConfigSchema, {
      default: {},
      description: "Settings of the model pack's keywords, by name.",
    }),
  },
  { additionalProperties: false },
);

export type Config = Static<typeof ConfigSchema>;
export type KeywordConfig = Static<typeof KeywordConfigSchema>;
export type ConfigKey = keyof Config;

export const CONFIG_KEYS = Object.keys(ConfigSchema.properties) as readonly ConfigKey[];

/** What holds where nothing else is said. */
export function defaultConfig(): Config {
  const entries = CONFIG_KEYS.map((key) => [key, ConfigSchema.properties[key].default] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Config;
}

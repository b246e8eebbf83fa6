import { type Static, Type } from '../schema/index.js';
import { HookConfigSchema } from './hooks.js';
import { OneOf } from './one-of.js';

/**
 * Every setting: its type, its default, and what it does in a sentence. Files, environment, flags and their help all
 * come from it.
 */

export const KeywordConfigSchema = Type.Object(
  {
    threshold: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description: "Smoothed posterior at which the keyword is detected; by default the model pack's own.",
      }),
    ),
    patience: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description:
          "How many positions in a row must be over the threshold; by default the model pack's own.",
      }),
    ),
    enabled: Type.Optional(Type.Boolean({ description: 'Whether to listen for it; true by default.' })),
    label: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'What people call it; by default its name.',
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
        'the microphone or, without one, the bundled sample.',
    }),
    model: Type.String({
      default: 'wake-words-en',
      minLength: 1,
      description: 'Model pack: the name of one that comes with wakegate, or the path of a folder.',
    }),
    backend: OneOf(['auto', 'simd', 'node', 'wasm'], {
      default: 'auto',
      description:
        "What the classifier runs on: simd for wakegate's own WebAssembly code, wasm for TensorFlow.js on WebAssembly, node " +
        'for tfjs-node, auto for simd where it can run the model pack, else for the first of node and wasm that loads.',
    }),
    gate: OneOf(['on', 'off'], {
      default: 'on',
      description: 'off sends every window to the classifier: the always-on baseline, for comparison.',
    }),
    levelGate: OneOf(['on', 'off'], {
      default: 'on',
      description: 'off also looks at sound at the noise floor, which costs more and finds almost nothing.',
    }),
    mfcc: OneOf(['fast', 'meyda'], {
      default: 'fast',
      description:
        "What computes the features: wakegate's own code, or the package meyda, to compare with: it gives the same " +
        'numbers, takes several times as long, and must be installed (`npm install meyda`).',
    }),
    secondLook: OneOf(['on', 'off'], {
      default: 'on',
      description:
        'off reports what the classifier detects at once, without having a second network confirm it, where the model ' +
        'pack has one: more false accepts.',
    }),
    host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address to serve on. An address that other machines can reach needs a token.',
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
          'File with the token that every request must carry, as "Authorization: Bearer ..."; only /healthz, the page and ' +
          'the description of the API are open. By default there is no token.',
      }),
    ),
    makeToken: OneOf(['on', 'off'], {
      default: 'off',
      description:
        'on makes a token where one is needed and no tokenFile is named: as "token" in the state directory, and the ' +
        'log says where that is.',
    }),
    loopbackToken: OneOf(['on', 'off'], {
      default: 'on',
      description:
        'off lets programs on this machine in without the token. Leave it on behind a proxy, where everyone seems ' +
        'to come from this machine.',
    }),
    allowedOrigins: Type.Array(
      Type.String({ pattern: '^(null|https?://[^/?#]+|(?!https?:)[a-z][a-z0-9+.-]*://[^/?#]*)$' }),
      {
        default: [],
        description:
          'Web sites, such as https://home.example, whose pages may use the service from a browser; also apps ' +
          'and extensions, such as app://home or chrome-extension://abcdef, and null, which any page can be; ' +
          'in a flag or a variable, separated by commas.',
      },
    ),
    allowedHosts: Type.Array(Type.String({ pattern: '^(\\*\\.)?[^\\s/?#:*@]+$' }), {
      default: [],
      description:
        "Names, besides this machine's own, by which the service may be asked for: raspberrypi.fritz.box, the " +
        'name of a container, or *.home.example for all names below one; in a flag or a variable, separated by commas.',
    }),
    maxConnections: Type.Integer({
      default: 1280,
      minimum: 16,
      maximum: 65_536,
      description:
        'Connections at a time; fewer where the process may open fewer files, of which some are kept for the ' +
        'daemon itself. The one that has been silent longest gives way to a new one.',
    }),
    maxConnectionsPerAddress: Type.Integer({
      default: 256,
      minimum: 1,
      maximum: 65_536,
      description:
        'Connections in use at a time from one address of another machine. Raise it for a proxy there. An ' +
        'address of this machine may use four fifths of all.',
    }),
    wyoming: OneOf(['on', 'off'], {
      default: 'off',
      description:
        'on serves wake word detection over the Wyoming protocol, for Home Assistant and satellites. It has no token: ' +
        'whoever can reach its port may have audio listened to, but not hear anything of the microphone.',
    }),
    wyomingHost: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address to serve Wyoming on; 0.0.0.0 for all machines of the network.',
    }),
    wyomingPort: Type.Integer({
      default: 10_400,
      minimum: 0,
      maximum: 65_535,
      description: 'Port to serve Wyoming on; 0 for any that is free.',
    }),
    wyomingZeroconf: OneOf(['on', 'off'], {
      default: 'on',
      description:
        'on announces the Wyoming service on the network, so that Home Assistant finds it. An address of this machine ' +
        'alone is never announced.',
    }),
    wyomingMute: OneOf(['on', 'off'], {
      default: 'off',
      description:
        'on mutes the microphone while a satellite speaks that sends its events to the Wyoming service, for a minute at ' +
        'most. Whoever can reach the service can then mute it.',
    }),
    wyomingPeers: Type.Array(
      Type.String({ pattern: '^tcp://([^\\s/:@\\[\\]]+|\\[[0-9a-fA-F:]+\\]):[0-9]{1,5}$' }),
      {
        default: [],
        description:
          'Wyoming services that are sent each detection of the microphone, such as tcp://127.0.0.1:10500 for the program ' +
          'that drives the lights of a satellite; in a flag or a variable, separated by commas.',
      },
    ),
    mqttUrl: Type.Optional(
      Type.String({
        pattern: '^mqtts?://[^/?#@\\s]+/?$',
        description:
          'MQTT broker to report to, such as mqtt://homeassistant.local or mqtts://broker.example:8883; by default none.',
      }),
    ),
    mqttName: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,64}$',
        description:
          "What this wakegate is called on the broker: part of its topics and of its names in Home Assistant; by default the machine's name.",
      }),
    ),
    mqttRoom: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description:
          'The room in which it listens, sent with each detection, and suggested to Home Assistant as its area. By default ' +
          'mqttName is sent, and no area suggested.',
      }),
    ),
    mqttUser: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'User name for the broker.' }),
    ),
    mqttPasswordFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'File with the password for the broker; the variable WAKEGATE_MQTT_PASSWORD may hold the password itself.',
      }),
    ),
    mqttCa: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "File with the certificates that the broker's own is checked with, as PEM; by default those that come with Node.js.",
      }),
    ),
    mqttCertificate: Type.Optional(
      Type.String({ minLength: 1, description: 'File with a client certificate for the broker, as PEM.' }),
    ),
    mqttKey: Type.Optional(
      Type.String({ minLength: 1, description: 'File with the key of mqttCertificate, as PEM.' }),
    ),
    mqttDiscovery: OneOf(['device', 'entity', 'off'], {
      default: 'device',
      description:
        'How Home Assistant is told what there is: device for 2024.12 and later, entity for every version, off for not at all.',
    }),
    mqttDiscoveryPrefix: Type.String({
      default: 'homeassistant',
      pattern: '^[^/+#\\s]+(/[^/+#\\s]+)*$',
      description: "Home Assistant's discovery prefix.",
    }),
    mqttPrefix: Type.String({
      default: 'wakegate',
      pattern: '^[^/+#$\\s][^/+#\\s]*(/[^/+#\\s]+)*$',
      description: 'First part of all topics.',
    }),
    mqttStatsSeconds: Type.Number({
      default: 60,
      minimum: 5,
      maximum: 86_400,
      description:
        'How often energy and the share that the gate stopped are sent, in seconds, if they have changed.',
    }),
    classifier: Type.String({
      default: 'own',
      pattern: '^(own|auto|(mqtts?|nats|tls)://[^/?#@\\s]+/?)$',
      description:
        'Where handoffs are classified: own for this machine; mqtt://broker.example for the workers at that broker, and this ' +
        'machine loads no TensorFlow.js; nats://broker.example, or tls:// with TLS, where that is a NATS server; auto for the ' +
        'workers at fleetUrl or mqttUrl, and this machine where they do not answer.',
    }),
    fleetUrl: Type.Optional(
      Type.String({
        pattern: '^(mqtts?|nats|tls)://[^/?#@\\s]+/?$',
        description:
          'Broker of the fleet, where it is another one than mqttUrl, such as nats://broker.example: for classifier auto, and for ' +
          'fleetGroup where the classifier is own. By default mqttUrl.',
      }),
    ),
    fleetSecondLook: OneOf(['on', 'off'], {
      default: 'off',
      description:
        'on has a second look where workers classify too: it needs sound, so this machine has it by itself, in a worker thread that ' +
        'is awake for it only. With classifier auto there is one in any case.',
    }),
    fleetPrefix: Type.String({
      default: 'wakegate-fleet',
      pattern: '^[^/+#$\\s][^/+#\\s]*(/[^/+#\\s]+)*$',
      description: 'First part of the topics of a fleet of satellites and workers.',
    }),
    fleetGroup: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,64}$',
        description:
          'Rooms of one group that hear a word together answer once: the one that hears it best. By default home where the ' +
          'classifier is auto or a broker, and no group where it is own; none for no group.',
      }),
    ),
    fleetWindowMs: Type.Integer({
      default: 300,
      minimum: 50,
      maximum: 2000,
      description: 'How long rooms of a group wait for each other after a word, in milliseconds.',
    }),
    idleSeconds: Type.Number({
      default: 10,
      minimum: 0,
      maximum: 86_400,
      description:
        'How long the classifier stays awake with nothing to do, in seconds: up to six times as long where it is woken again within that time.',
    }),
    stateDirectory: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Where changes made while it runs are kept; by default $STATE_DIRECTORY or ~/.local/state/wakegate. ' +
          'Each daemon needs one of its own. A file in it that cannot be used is put aside, as .corrupt-TIME or .newer.',
      }),
    ),
    captures: OneOf(['on', 'off'], {
      default: 'off',
      description:
        'on keeps the sound of each detection and near miss in the state directory, with two seconds before and ' +
        'one after.',
    }),
    captureFloor: Type.Number({
      default: 0.7,
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Score from which it counts as a near miss.',
    }),
    captureMaxCount: Type.Integer({
      default: 200,
      minimum: 1,
      maximum: 10_000,
      description:
        'How many captures are kept; the oldest go first, those without a label before the others.',
    }),
    captureMaxMegabytes: Type.Number({
      default: 64,
      exclusiveMinimum: 0,
      maximum: 10_000,
      description: 'How much space all captures may take on the disk, in MB.',
    }),
    captureMaxDays: Type.Number({
      default: 30,
      exclusiveMinimum: 0,
      maximum: 3650,
      description:
        'How long a capture without a label is kept, in days of measured time: a clock that jumps makes nothing old. ' +
        'While wakegate does not run, a day at most counts each time.',
    }),
    logLevel: OneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      default: 'info',
      description: 'Least important level that is logged.',
    }),
    recorder: OneOf(['auto', 'arecord', 'parec', 'pw-record', 'sox'], {
      default: 'auto',
      description:
        'Program that records from the microphone; auto for the first one that finds a microphone.',
    }),
    device: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "The recorder's name for the microphone, as `wakegate devices` lists it; by default the recorder's default.",
      }),
    ),
    rate: Type.Integer({
      default: 16_000,
      minimum: 8000,
      maximum: 192_000,
      description:
        'Sample rate of the audio on stdin, and the one to ask the microphone for, in Hz. Anything but 16000 is ' +
        'resampled.',
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
      description: "Gain of the microphone in dB, in addition to the sound card's.",
    }),
    highPassHz: Type.Number({
      default: 0,
      minimum: 0,
      maximum: 500,
      description: 'Corner of a high-pass filter for the microphone, against DC and hum, in Hz; 0 for none.',
    }),
    keywords: Type.Record(Type.String(), KeywordConfigSchema, {
      default: {},
      description: "Settings of the model pack's keywords, by name.",
    }),
    hooks: Type.Record(Type.String(), HookConfigSchema, {
      default: {},
      description: 'Webhooks and commands for what happens, by names of your choice.',
    }),
  },
  { additionalProperties: false },
);

export type Config = Static<typeof ConfigSchema>;
export type KeywordConfig = Static<typeof KeywordConfigSchema>;
export type ConfigKey = keyof Config;

export const CONFIG_KEYS = Object.keys(ConfigSchema.properties) as readonly ConfigKey[];

/** The defaults. */
export function defaultConfig(): Config {
  const entries = CONFIG_KEYS.map((key) => [key, ConfigSchema.properties[key].default] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Config;
}

/**
 * The recorder module that node-record-lpcm16 loads by path, in place of its own: raw audio instead of WAV (arecord
 * ends a WAV stream after 2 GiB), and a period that suits the reader. CommonJS, since it is loaded by `require`.
 */

import childProcess = require('node:child_process');

/** What node-record-lpcm16 passes on: its own options, and those that were added for this module. */
interface RecorderOptions {
  readonly program: 'arecord' | 'parec' | 'pw-record' | 'sox';
  /** Absolute path of the program. */
  readonly programPath: string;
  /** In Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** How much audio the recorder hands over at once. */
  readonly periodMs: number;
  /** Already checked; undefined for the default device. */
  readonly device: string | undefined;
}

interface RecorderCommand {
  readonly cmd: string;
  readonly args: string[];
  readonly spawnOptions: { readonly env: NodeJS.ProcessEnv };
}

/** What the device itself buffers, in microseconds: enough to sit out a busy moment of the recorder. */
const DEVICE_BUFFER_US = 500_000;

function recorderCommand(options: RecorderOptions): RecorderCommand {
  // The C locale keeps what a recorder says on stderr readable in logs and errors.
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' };
  // sox takes the device from its environment only.
  if (options.program === 'sox' && options.device) env.AUDIODEV = options.device;
  return { cmd: options.programPath, args: ARGUMENTS[options.program](options), spawnOptions: { env } };
}

const ARGUMENTS: Record<RecorderOptions['program'], (options: RecorderOptions) => string[]> = {
  arecord: ({ sampleRate, channels, periodMs, device }) => [
    '--quiet',
    ...(device ? [`--device=${device}`] : []),
    '--file-type=raw',
    '--format=S16_LE',
    `--rate=${sampleRate}`,
    `--channels=${channels}`,
    `--period-time=${periodMs * 1000}`,
    `--buffer-time=${DEVICE_BUFFER_US}`,
  ],
  parec: ({ sampleRate, channels, periodMs, device }) => [
    '--raw',
    ...(device ? [`--device=${device}`] : []),
    '--format=s16le',
    `--rate=${sampleRate}`,
    `--channels=${channels}`,
    `--latency-msec=${periodMs}`,
    '--client-name=wakegate',
  ],
  'pw-record': ({ programPath, sampleRate, channels, periodMs, device }) => [
    ...(device ? ['--target', device] : []),
    '--rate',
    String(sampleRate),
    '--channels',
    String(channels),
    '--format',
    's16',
    '--latency',
    `${periodMs}ms`,
    '-P',
    '{ application.name = wakegate }',
    // Newer ones put a header before it by default, and older ones do not know the option that turns it off.
    ...(/--raw\b/.test(helpOf(programPath)) ? ['--raw'] : []),
    '-',
  ],
  sox: ({ sampleRate, channels, periodMs }) => [
    '--no-show-progress',
    '--buffer',
    String(Math.ceil((sampleRate * channels * 2 * periodMs) / 1000)),
    '--default-device',
    '--type',
    'raw',
    '--rate',
    String(sampleRate),
    '--channels',
    String(channels),
    '--encoding',
    'signed-integer',
    '--bits',
    '16',
    '--endian',
    'little',
    '-',
  ],
};

function helpOf(path: string): string {
  return childProcess.spawnSync(path, ['--help'], { encoding: 'utf8', timeout: 3000 }).stdout ?? '';
}

export = recorderCommand;

import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { WakegateError } from '../../errors.js';
import { outputOf } from './program-output.js';

/** Programs that record, in the order in which they are preferred. */
export const RECORDER_PROGRAMS = ['arecord', 'parec', 'pw-record', 'sox'] as const;

export type RecorderProgram = (typeof RECORDER_PROGRAMS)[number];
export type RecorderChoice = 'auto' | RecorderProgram;

/** A recorder that is installed. */
export interface Recorder {
  readonly program: RecorderProgram;
  /** Absolute path. */
  readonly path: string;
}

/** The recorder of that name, or with `auto` the first there is; null where there is none. Never throws. */
export function findRecorder(choice: RecorderChoice = 'auto'): Recorder | null {
  for (const program of choice === 'auto' ? RECORDER_PROGRAMS : [choice]) {
    const path = findOnPath(program);
    if (path) return { program, path };
  }
  return null;
}

/** As {@link findRecorder}. @throws WakegateError WG_RECORDER_MISSING where there is none */
export function requireRecorder(choice: RecorderChoice = 'auto'): Recorder {
  const recorder = findRecorder(choice);
  if (recorder) return recorder;
  const what =
    choice === 'auto' ? 'no program that records (arecord, parec, pw-record or sox)' : `no ${choice}`;
  throw new WakegateError(
    'WG_RECORDER_MISSING',
    `${what} was found on the PATH: install one, for example with "apt-get install alsa-utils"`,
  );
}

/**
 * The recorder to record with: the one of that name; with `auto` the first that has something to record from, or if none
 * has, the first there is. Takes a second at most for each.
 *
 * @throws WakegateError WG_RECORDER_MISSING where there is none
 */
export async function chooseRecorder(choice: RecorderChoice = 'auto'): Promise<Recorder> {
  const first = requireRecorder(choice);
  if (choice !== 'auto') return first;
  const installed = RECORDER_PROGRAMS.map(findRecorder).filter((recorder) => recorder !== null);
  if (installed.length === 1) return first;
  for (const recorder of installed) if (await hasInput(recorder)) return recorder;
  return first;
}

/**
 * Whether there is a recorder, and something that it could record from: a named device is taken to be there. Never
 * throws, and takes a second at most for each recorder.
 */
export async function hasMicrophone(
  options: { readonly recorder?: RecorderChoice; readonly device?: string } = {},
): Promise<boolean> {
  if (findRecorder(options.recorder) === null) return false;
  return Boolean(options.device) || hasInput(await chooseRecorder(options.recorder));
}

async function hasInput({ program, path }: Recorder): Promise<boolean> {
  switch (program) {
    case 'arecord':
      return /^card \d+:/m.test((await outputOf(path, ['-l'])) ?? '');
    case 'parec': {
      // Its server may start on demand, and pactl has it start as parec would.
      const pactl = findOnPath('pactl');
      return (await (pactl ? outputOf(pactl, ['info']) : outputOf(path, ['--version']))) !== null;
    }
    case 'pw-record':
      return existsSync(pipewireSocket());
    case 'sox':
      return hasCaptureDevice();
  }
}

/** Where PipeWire listens, by its own rules. */
function pipewireSocket(): string {
  const { PIPEWIRE_RUNTIME_DIR, XDG_RUNTIME_DIR, PIPEWIRE_REMOTE } = process.env;
  return join(PIPEWIRE_RUNTIME_DIR || XDG_RUNTIME_DIR || '/run/pipewire', PIPEWIRE_REMOTE || 'pipewire-0');
}

/** ALSA names its capture devices pcmC<card>D<device>c. */
function hasCaptureDevice(): boolean {
  try {
    return readdirSync('/dev/snd').some((name) => /^pcmC\d+D\d+c$/.test(name));
  } catch {
    return false;
  }
}

/** Absolute path of a program on the PATH; null where there is none. */
export function findOnPath(program: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = resolve(folder || '.', program);
    if (isExecutable(path)) return path;
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

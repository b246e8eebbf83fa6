import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { promisify } from 'node:util';
import { WakegateError } from '../errors.js';

/** Programs that record, in the order in which they are preferred. */
export const RECORDER_PROGRAMS = ['arecord', 'parec', 'sox'] as const;

export type RecorderProgram = (typeof RECORDER_PROGRAMS)[number];
export type RecorderChoice = 'auto' | RecorderProgram;

/** A recorder that is installed. */
export interface Recorder {
  readonly program: RecorderProgram;
  /** Absolute path. */
  readonly path: string;
}

const PROBE_TIMEOUT_MS = 900;

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
  const what = choice === 'auto' ? 'no program that records (arecord, parec or sox)' : `no ${choice}`;
  throw new WakegateError(
    'WG_RECORDER_MISSING',
    `${what} was found on the PATH: install one, for instance with "apt-get install alsa-utils"`,
  );
}

/**
 * Whether there is a recorder, and something that it could record from: a named device is taken to be there. Answers
 * within a second and never throws.
 */
export async function hasMicrophone(
  options: { readonly recorder?: RecorderChoice; readonly device?: string } = {},
): Promise<boolean> {
  const recorder = findRecorder(options.recorder);
  if (!recorder) return false;
  if (options.device) return true;
  switch (recorder.program) {
    case 'arecord':
      return /^card \d+:/m.test((await output(recorder.path, ['-l'])) ?? '');
    case 'parec': // its server may start on demand, so that it runs is all that can be asked
      return (await output(recorder.path, ['--version'])) !== null;
    case 'sox':
      return hasCaptureDevice();
  }
}

/** What a program prints, or null where it fails or takes too long. */
async function output(path: string, args: string[]): Promise<string | null> {
  const run = promisify(execFile)(path, args, {
    timeout: PROBE_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return run.then(
    ({ stdout }) => stdout,
    () => null,
  );
}

/** ALSA names its capture devices pcmC<card>D<device>c. */
function hasCaptureDevice(): boolean {
  try {
    return readdirSync('/dev/snd').some((name) => /^pcmC\d+D\d+c$/.test(name));
  } catch {
    return false;
  }
}

function findOnPath(program: string): string | null {
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

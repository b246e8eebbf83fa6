import { execFile } from 'node:child_process';

/** A program that takes longer is given up: it waits for a server that hangs, while one on a busy Pi takes a second or two. */
const TIMEOUT_MS = 5000;

/**
 * What a program prints, in English; null where it fails or takes too long.
 *
 * @param of `stderr` for what it prints there, however it ends
 */
export function outputOf(
  path: string,
  args: readonly string[],
  { of = 'stdout' }: { of?: 'stdout' | 'stderr' } = {},
): Promise<string | null> {
  const options = {
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024,
  } as const;
  return new Promise((resolve) => {
    execFile(path, args, options, (error, stdout, stderr) => {
      if (of === 'stderr') resolve(stderr);
      else resolve(error === null ? stdout : null);
    });
  });
}

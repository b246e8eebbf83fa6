import { execFile } from 'node:child_process';

/** A program that takes longer is given up. */
const TIMEOUT_MS = 900;

/**
 * What a program prints, in English; null where it fails or takes too long.
 *
 * @param of `stderr` for what it prints there, however it ends
 */
export function outputOf(
  path: string,
  args: readonly string[],
  { of = 'stdout', timeoutMs = TIMEOUT_MS }: { of?: 'stdout' | 'stderr'; timeoutMs?: number } = {},
): Promise<string | null> {
  const options = {
    timeout: timeoutMs,
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

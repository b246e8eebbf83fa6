import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** The machine and the day, in a sentence. */
export function describeMachine(cores: readonly number[]): string {
  const model = cpus()[0]?.model ?? process.arch;
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return (
    `${new Date().toISOString().slice(0, 10)}; ${cores.length} cores of ${model}, ${gigabytes} GiB, Linux ${release()}, ` +
    `Node ${process.versions.node}, ${pythonVersion()}; load before the start ${loadavg()[0].toFixed(1)}`
  );
}

/** Cores that this process may use. */
export function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1];
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

function pythonVersion(): string {
  try {
    return execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return 'no Python';
  }
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const REAL_PATH = process.env.PATH;

/** A program that stands on the PATH in place of a recorder. */
export interface FakeRecorder {
  /** The arguments of its latest run. */
  args(): string[];
  /** The environment of its latest run. */
  env(): Record<string, string>;
  /** Whether the process of its latest run is still there. */
  isRunning(): boolean;
}

/**
 * Puts scripts on a PATH of their own, where nothing else is, until the test is over.
 *
 * @param scripts name and whole text of each
 * @returns the folder that they are in
 */
export function programsOnPath(
  t: TestContext,
  folder: string,
  scripts: Readonly<Record<string, string>>,
): string {
  const bin = join(folder, `bin-${Math.random()}`);
  mkdirSync(bin);
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(bin, name), text, { mode: 0o755 });
  process.env.PATH = bin;
  t.after(() => {
    process.env.PATH = REAL_PATH;
  });
  return bin;
}

/**
 * As {@link programsOnPath}, with programs of Node that note how they were called.
 *
 * @param programs name and body of each; in the body, `play(file, then)` writes a file to stdout and `stay()` keeps
 *   the program running
 */
export function fakeRecorders(
  t: TestContext,
  folder: string,
  programs: Readonly<Record<string, string>>,
): Record<string, FakeRecorder> {
  const fakes: Record<string, FakeRecorder> = {};
  const scripts: Record<string, string> = {};
  for (const [name, body] of Object.entries(programs)) {
    const runFile = join(folder, `${name}-${Math.random()}.json`);
    scripts[name] = fakeScript(runFile, body);
    fakes[name] = fakeRecorder(runFile);
  }
  programsOnPath(t, folder, scripts);
  return fakes;
}

function fakeScript(runFile: string, body: string): string {
  // Renamed into place, so that a reader never meets half a file.
  return `#!${process.execPath}
const fs = require('node:fs');
const { argv, env, pid } = process;
fs.writeFileSync(${JSON.stringify(`${runFile}.new`)}, JSON.stringify({ args: argv.slice(2), env, pid }));
fs.renameSync(${JSON.stringify(`${runFile}.new`)}, ${JSON.stringify(runFile)});
const play = (file, then = () => {}) => process.stdout.write(fs.readFileSync(file), then);
const stay = () => setInterval(() => {}, 1000);
${body}
`;
}

function fakeRecorder(runFile: string): FakeRecorder {
  const latest = () => JSON.parse(readFileSync(runFile, 'utf8'));
  return {
    args: () => latest().args,
    env: () => latest().env,
    isRunning: () => existsSync(runFile) && isAlive(latest().pid),
  };
}

/** Whether there is a process of that number. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

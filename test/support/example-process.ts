import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withoutLibtensorflow } from './libtensorflow.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const SAMPLE = join(ROOT, 'samples/demo.wav');
/** What is said in the bundled sample, in this order (scripts/sample.sh). */
export const SAID = ['alexa', 'computer', 'jarvis', 'smart_mirror', 'snowboy'];

export interface FinishedExample {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of examples/ in a process of its own, as a reader would start it; killed when the test is over. */
export class ExampleProcess {
  readonly child: ChildProcess;
  readonly finished: Promise<FinishedExample>;
  #stdout = '';

  /**
   * @param path in examples/
   * @param env more variables than those of the tests
   */
  constructor(t: TestContext, path: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [join(ROOT, 'examples', path), ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
    });
    const { stdout, stderr } = this.child;
    stdout!.setEncoding('utf8').on('data', (piece) => {
      this.#stdout += piece;
    });
    this.finished = Promise.all([text(stderr!), once(this.child, 'close')]).then(([complaints, [code]]) => ({
      code: code as number | null,
      stdout: this.#stdout,
      stderr: withoutLibtensorflow(complaints),
    }));
    t.after(async () => {
      this.child.kill('SIGKILL');
      await this.finished;
    });
  }

  /** The first match in what it prints on stdout, now or later. */
  async match(pattern: RegExp): Promise<RegExpMatchArray> {
    const ended = this.finished.then(({ stdout, stderr }) => {
      throw new Error(`it ended without printing ${pattern}:\n${stdout}\n${stderr}`);
    });
    ended.catch(() => {});
    for (;;) {
      const found = this.#stdout.match(pattern);
      if (found) return found;
      await Promise.race([once(this.child.stdout!, 'data'), ended]);
    }
  }
}

/** The keywords in lines of `1.88 s  alexa  0.998`. */
export function keywordsIn(output: string): string[] {
  return [...output.matchAll(/^ *\d+\.\d\d s {2}(\w+) {2}[01]\.\d{3}$/gm)].map(([, keyword]) => keyword);
}

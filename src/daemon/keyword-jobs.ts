import { type ChildProcess, fork } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WakegateError } from '../errors.js';
import { formatOwnKeyword, keywordNameOf, type OwnKeyword } from '../model/index.js';
import type { Capture, KeywordJob, KeywordRequest } from '../protocol/index.js';
import { replaceFile } from '../replace-file.js';

export interface KeywordJobsOptions {
  /** Folder of the jobs; what is in it continues when the daemon starts again. */
  readonly folder: string;
  /** Folder of what later jobs use again. */
  readonly cache: string;
  /** Folder of the pack that is listened with. */
  readonly model: () => string;
  /** Names that are taken by the pack. */
  readonly taken: () => readonly string[];
  /** A keyword of the user's own. */
  readonly own: (name: string) => Promise<OwnKeyword>;
  /** Those that are kept, and the folder of their sound. */
  readonly captures: { readonly folder: string; list(): Promise<readonly Capture[]> };
  readonly put: (name: string, text: string) => Promise<unknown>;
  readonly onChange: (job: KeywordJob) => void;
}

const MOST_WAITING = 8;
/** Runs as dist/src/daemon/keyword-jobs.js. */
const PROGRAM = fileURLToPath(new URL('../training/own/job.js', import.meta.url));

type FromJob = {
  readonly progress?: { readonly stage: KeywordJob['stage']; readonly done: number; readonly of: number };
  readonly keyword?: string;
  readonly advice?: readonly string[];
  readonly failed?: { readonly code: string; readonly message: string };
};

/** Keywords that are being made, one after the other, each in a process of its own. */
export class KeywordJobs {
  readonly #options: KeywordJobsOptions;
  readonly #waiting: KeywordJob[] = [];
  #running: { job: KeywordJob; child: ChildProcess } | null = null;
  #closed = false;

  constructor(options: KeywordJobsOptions) {
    this.#options = options;
  }

  list(): KeywordJob[] {
    return [...(this.#running ? [this.#running.job] : []), ...this.#waiting];
  }

  /** Continues what an earlier daemon has left. */
  async resume(): Promise<void> {
    for (const name of (await readdir(this.#options.folder).catch(() => [])).sort()) {
      const job = await readFile(join(this.#options.folder, name, 'job.json'), 'utf8')
        .then((text) => JSON.parse(text) as { name: string; phrase: string })
        .catch(() => null);
      if (job) this.#enqueue({ name: job.name, phrase: job.phrase });
    }
  }

  /**
   * Takes a keyword to be made; its recordings are kept until it is.
   *
   * @throws WakegateError WG_KEYWORD_INVALID for a phrase without a name or with one that is taken, WG_BUSY
   */
  async add({ phrase, name = keywordNameOf(phrase), takes = [] }: KeywordRequest): Promise<KeywordJob> {
    if (name === '') {
      throw new WakegateError(
        'WG_KEYWORD_INVALID',
        'the phrase has no letter or digit that a voice can say: give the words as an English speaker would read them',
      );
    }
    if (this.#options.taken().includes(name)) {
      throw new WakegateError(
        'WG_KEYWORD_INVALID',
        `there is a keyword ${name} in the model pack already: choose another name`,
      );
    }
    this.#refuseInVain(name);
    return this.#start(name, phrase, takes);
  }

  /**
   * Makes a keyword again with its captures that have a label, and replaces it where that is better; without any, with takes alone.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, WG_KEYWORD_INVALID where there is nothing to improve it with, WG_BUSY
   */
  async improve(name: string, takes: readonly string[] = []): Promise<KeywordJob> {
    const old = await this.#options.own(name);
    this.#refuseInVain(name);
    const { folder, list } = this.#options.captures;
    const labelled = (await list()).filter(({ keyword, label }) => keyword === name && label !== null);
    if (labelled.length === 0 && takes.length > 0) return this.#start(name, old.phrase, takes);
    if (labelled.length === 0) {
      throw new WakegateError(
        'WG_KEYWORD_INVALID',
        `no capture of ${name} is labelled: turn captures on, then label some as right or wrong on the page or with ` +
          'POST /v1/captures/ID/label',
      );
    }
    const clips = labelled.map(({ id, label }, i) => ({
      from: join(folder, `${id}.wav`),
      file: `capture-${i + 1}.wav`,
      isRight: label === 'right',
    }));
    const filesOf = (right: boolean) =>
      clips.filter(({ isRight }) => isRight === right).map(({ file }) => file);
    const improve = { old: formatOwnKeyword(old), right: filesOf(true), wrong: filesOf(false) };
    return this.#start(name, old.phrase, takes, { clips, improve });
  }

  /** @throws WakegateError WG_BUSY */
  #refuseInVain(name: string): void {
    if (this.list().some((job) => job.name === name)) {
      throw new WakegateError('WG_BUSY', `keyword ${name} is being made already: wait for it`);
    }
    if (this.#waiting.length >= MOST_WAITING) {
      throw new WakegateError('WG_BUSY', `${MOST_WAITING} keywords are waiting to be made: try again later`);
    }
  }

  async #start(
    name: string,
    phrase: string,
    takes: readonly string[],
    again?: { clips: readonly { from: string; file: string }[]; improve: object },
  ): Promise<KeywordJob> {
    const { cache, model } = this.#options;
    const folder = this.#folderOf(name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const files = takes.map((_, i) => `take-${i + 1}.wav`);
    for (const [i, take] of takes.entries())
      await writeFile(join(folder, files[i]), Buffer.from(take, 'base64'));
    // Copied: they may be deleted before it is their turn.
    for (const { from, file } of again?.clips ?? []) await copyFile(from, join(folder, file));
    // Written last: a folder without it is no job.
    const job = {
      model: model(),
      name,
      phrase,
      takes: files,
      cache,
      ...(again && { improve: again.improve }),
    };
    await replaceFile(join(folder, 'job.json'), JSON.stringify(job));
    return this.#enqueue({ name, phrase });
  }

  /** Interrupts what is being made; it continues with the next daemon. */
  close(): void {
    this.#closed = true;
    this.#running?.child.kill('SIGKILL');
  }

  #enqueue({ name, phrase }: { name: string; phrase: string }): KeywordJob {
    const job: KeywordJob = {
      name,
      phrase,
      state: 'queued',
      stage: null,
      done: 0,
      of: 1,
      problem: null,
      advice: [],
    };
    this.#waiting.push(job);
    this.#options.onChange(job);
    this.#next();
    return this.list().find((other) => other.name === name) ?? job;
  }

  #next(): void {
    if (this.#running || this.#closed) return;
    const job = this.#waiting.shift();
    if (job) this.#run(job);
  }

  #run(job: KeywordJob): void {
    // Nobody waits for it as for a word: whatever else runs goes first.
    const child = fork(PROGRAM, [this.#folderOf(job.name)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const running = { job: { ...job, state: 'running' as KeywordJob['state'] }, child };
    this.#running = running;
    let result: FromJob | null = null;
    let toldStage: string | null = null;
    let toldTenth = -1;
    child.on('message', (message: FromJob) => {
      const { progress } = message;
      if (!progress) {
        result = message;
        return;
      }
      running.job = { ...running.job, ...progress };
      const tenth = Math.floor((10 * progress.done) / Math.max(1, progress.of));
      if (progress.stage === toldStage && tenth === toldTenth) return;
      [toldStage, toldTenth] = [progress.stage, tenth];
      this.#options.onChange(running.job);
    });
    child.once('exit', () => void this.#ended(running.job, result));
    this.#options.onChange(running.job);
  }

  async #ended(job: KeywordJob, result: FromJob | null): Promise<void> {
    if (this.#closed) return;
    let problem = result?.failed?.message ?? null;
    if (result === null) problem = 'the process that made it ended: see the log, and try again';
    if (result?.keyword) {
      await this.#options.put(job.name, result.keyword).catch((error: Error) => {
        problem = error.message;
      });
    }
    await rm(this.#folderOf(job.name), { recursive: true, force: true }).catch(() => {});
    this.#running = null;
    const state = problem === null ? 'done' : 'failed';
    this.#options.onChange({ ...job, state, problem, advice: [...(result?.advice ?? [])] });
    this.#next();
  }

  #folderOf(name: string): string {
    return join(this.#options.folder, name);
  }
}

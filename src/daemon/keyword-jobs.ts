import { type ChildProcess, fork } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labelledCaptures, needLabelled } from '../captures/index.js';
import { asWakegateError, WakegateError } from '../errors.js';
import { formatOwnKeyword, freeName, type KeywordFolder, phraseText, takesIn } from '../model/index.js';
import type { Capture, KeywordJob, KeywordRequest } from '../protocol/index.js';
import { replaceFile } from '../replace-file.js';

export interface KeywordJobsOptions {
  /** Folder of the jobs; what is in it continues when the daemon starts again. */
  readonly folder: string;
  /** Folder of what later jobs use again. */
  readonly cache: string;
  /** The pack that is listened with: its folder, and the names that are taken. */
  readonly pack: () => {
    readonly directory: string;
    readonly name: string;
    readonly taken: readonly string[];
  };
  readonly own: KeywordFolder;
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

/** What a keyword is made of. */
type Said = { readonly phrase: string; readonly language?: string | undefined };

/** A file that a job needs in its folder: a copy of another one, or what it holds. */
interface SoundFile {
  readonly from: string | Uint8Array;
  readonly file: string;
}

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
   * @throws WakegateError WG_KEYWORD_INVALID for a phrase that cannot be, without a name or with one that is taken; WG_BUSY
   */
  async add({ phrase: typed, language, name: wanted, takes = [] }: KeywordRequest): Promise<KeywordJob> {
    const phrase = phraseText(typed, language);
    const { pack, own } = this.#options;
    const { name } = await freeName({ phrase, name: wanted, pack: pack(), own });
    this.#refuseInVain(name);
    return this.#start(name, { phrase, language }, written(takes));
  }

  /**
   * Makes a keyword again with its captures that have a label, and replaces it where that is better; without any, with takes alone.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, WG_KEYWORD_INVALID where there is nothing to improve it with, WG_BUSY
   */
  async improve(name: string, takes: readonly string[] = []): Promise<KeywordJob> {
    const old = await this.#options.own.get(name);
    this.#refuseInVain(name);
    const { folder, list } = this.#options.captures;
    const labelled = labelledCaptures(await list(), name);
    const kept = (await this.#options.own.takes(name)).map((from, i) => ({
      from,
      file: `take-${i + 1}${extname(from)}`,
    }));
    const { language } = old.made;
    const said = { phrase: old.phrase, ...(typeof language === 'string' && { language }) };
    const all = [...kept, ...written(takes, kept.length)];
    if (labelled.right.length + labelled.wrong.length === 0 && takes.length > 0) {
      return this.#start(name, said, all);
    }
    needLabelled(labelled, name);
    const filesOf = (captures: readonly Capture[], kind: string) =>
      captures.map(({ id }, i) => ({ from: join(folder, `${id}.wav`), file: `${kind}-${i + 1}.wav` }));
    const [right, wrong] = [filesOf(labelled.right, 'right'), filesOf(labelled.wrong, 'wrong')];
    const namesOf = (files: readonly SoundFile[]) => files.map(({ file }) => file);
    const improve = { old: formatOwnKeyword(old), right: namesOf(right), wrong: namesOf(wrong) };
    return this.#start(name, said, all, { clips: [...right, ...wrong], improve });
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

  /** @throws WakegateError WG_STATE_UNUSABLE, such as for a full disk; then there is nothing of it */
  async #start(
    name: string,
    { phrase, language }: Said,
    takes: readonly SoundFile[],
    again?: { clips: readonly SoundFile[]; improve: object },
  ): Promise<KeywordJob> {
    const { cache, pack } = this.#options;
    const folder = this.#folderOf(name);
    const job = {
      model: pack().directory,
      name,
      phrase,
      ...(language && { language }),
      takes: takes.map(({ file }) => file),
      cache,
      ...(again && { improve: again.improve }),
    };
    try {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      for (const { from, file } of [...takes, ...(again?.clips ?? [])]) {
        // Copied: captures may be deleted before it is their turn.
        if (typeof from === 'string') await copyFile(from, join(folder, file));
        else await writeFile(join(folder, file), from);
      }
      // Written last: a folder without it is no job.
      await replaceFile(join(folder, 'job.json'), JSON.stringify(job));
    } catch (error) {
      await rm(folder, { recursive: true, force: true }).catch(() => {});
      throw asWakegateError(
        error,
        'WG_STATE_UNUSABLE',
        `keyword ${name} cannot be made, since ${folder} cannot be written`,
      );
    }
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
    const folder = this.#folderOf(job.name);
    const advice = [...(result?.advice ?? [])];
    try {
      if (result?.keyword) await this.#options.put(job.name, result.keyword);
    } catch (error) {
      problem = (error as Error).message;
    }
    if (result?.keyword && problem === null) {
      await this.#options.own
        .keepTakes(job.name, await takesIn(folder))
        .catch((error: Error) => advice.push(error.message));
    }
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    this.#running = null;
    const state = problem === null ? 'done' : 'failed';
    this.#options.onChange({ ...job, state, problem, advice });
    this.#next();
  }

  #folderOf(name: string): string {
    return join(this.#options.folder, name);
  }
}

/** Takes as they were sent, in base64. */
function written(takes: readonly string[], after = 0): SoundFile[] {
  return takes.map((take, i) => ({ from: Buffer.from(take, 'base64'), file: `take-${after + i + 1}.wav` }));
}

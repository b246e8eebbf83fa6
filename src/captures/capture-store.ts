import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SAMPLE_RATE, writeWav } from '../audio/index.js';
import { asWakegateError, WakegateError } from '../errors.js';
import type { Capture, CaptureLimits, Label } from '../protocol/index.js';
import { CaptureSchema } from '../protocol/schemas/captures.js';
import { readRegularFile } from '../read-text.js';
import { replaceFile } from '../replace-file.js';
import { Checker } from '../schema/index.js';
import { SerialQueue } from '../serial-queue.js';
import { WriteBatches } from '../write-batches.js';
import { CaptureAges, type Clocks } from './capture-ages.js';
import type { Clip } from './capture-recorder.js';
import { PendingLabels } from './pending-labels.js';

const CHECKER = new Checker(CaptureSchema);
const DAY_MS = 86_400_000;
/** Far more than they have when they are written here. */
const MOST_JSON_BYTES = 64 * 1024;
const MOST_WAV_BYTES = 16 * 1024 * 1024;
/** Between two files that get their labels. */
const SETTLE_MS = 250;

interface LabelChange {
  readonly id: string;
  readonly label: Label;
}

/**
 * Clips in a folder: ID.wav, and ID.json with its description, which is written last, so that a clip is complete or
 * not there at all. Names are made here; a requested name is looked up, and never becomes a path unchecked.
 */
export class CaptureStore {
  readonly #folder: string;
  readonly #limits: CaptureLimits;
  /** By id, oldest first; null until the folder is first read. */
  #captures: Map<string, Capture> | null = null;
  readonly #changes = new SerialQueue();
  readonly #labels = new WriteBatches<LabelChange>((changes) => this.#writeLabels(changes));
  readonly #ages: CaptureAges;
  readonly #pending: PendingLabels;
  #settling: NodeJS.Timeout | null = null;
  /** Called with what was found that cannot be used, in a sentence. */
  onNotice: (sentence: string) => void = () => {};

  /** The folder is made by the first clip. */
  constructor(folder: string, limits: CaptureLimits, clocks?: Clocks) {
    this.#folder = folder;
    this.#limits = limits;
    this.#ages = new CaptureAges(join(folder, 'ages.json'), limits.days * DAY_MS, clocks);
    this.#pending = new PendingLabels(join(folder, 'labels.json'));
  }

  get limits(): CaptureLimits {
    return this.#limits;
  }

  /**
   * All there are, newest first.
   *
   * @throws WakegateError WG_STATE_UNUSABLE
   */
  list(): Promise<Capture[]> {
    return this.#toRead(async (captures) => {
      if (captures.size > 0 && !(await isThere(this.#folder))) captures.clear(); // somebody has removed all
      return [...captures.values()].reverse();
    });
  }

  /** @throws WakegateError WG_UNKNOWN_NAME, WG_STATE_UNUSABLE */
  get(id: string): Promise<Capture> {
    return this.#toRead(async (captures) => known(captures, id));
  }

  /**
   * The WAV file of one.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, WG_STATE_UNUSABLE
   */
  readWav(id: string): Promise<Buffer> {
    return this.#toRead(async (captures) => {
      const capture = known(captures, id);
      try {
        return await readRegularFile(this.#pathOf(capture.id, 'wav'), MOST_WAV_BYTES);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        captures.delete(id); // somebody else has removed it
        throw unknownError();
      }
    });
  }

  /** @throws WakegateError WG_STATE_UNUSABLE, and then nothing has been kept */
  add(clip: Clip, model: string, heardAt: Date): Promise<Capture> {
    return this.#inTurn(async (captures) => {
      const wav = writeWav(clip.samples, SAMPLE_RATE);
      const capture: Capture = {
        id: newId(heardAt),
        kind: clip.kind,
        model,
        keyword: clip.keyword,
        score: clip.score,
        ...(clip.look && { look: clip.look }),
        heardAt: heardAt.toISOString(),
        seconds: clip.samples.length / SAMPLE_RATE,
        bytes: wav.length,
        label: null,
        word: null,
      };
      // Somebody has removed the folder, and all that was in it.
      if (await mkdir(this.#folder, { recursive: true, mode: 0o700 })) captures.clear();
      try {
        await replaceFile(this.#pathOf(capture.id, 'wav'), wav);
        await this.#describe(capture);
      } catch (error) {
        await this.#delete(capture.id).catch(() => {});
        throw error;
      }
      captures.set(capture.id, capture);
      this.#ages.begin(capture.id);
      return capture;
    });
  }

  /**
   * Sets the label of one.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, WG_STATE_UNUSABLE
   */
  async label(id: string, label: Label): Promise<Capture> {
    await this.get(id);
    await this.#labels.add({ id, label });
    return this.get(id);
  }

  /** @throws WakegateError WG_UNKNOWN_NAME, WG_STATE_UNUSABLE */
  remove(id: string): Promise<void> {
    return this.#inTurn((captures) => this.#forget(captures, known(captures, id)));
  }

  /**
   * Removes all.
   *
   * @throws WakegateError WG_STATE_UNUSABLE
   */
  clear(): Promise<void> {
    return this.#inTurn(async (captures) => {
      for (const capture of captures.values()) await this.#forget(captures, capture);
    });
  }

  /**
   * Removes what is too old, as any other call does too, and writes down how old the others are. To be called now and
   * then, and in the end: what is not written down makes a capture younger.
   *
   * @throws WakegateError WG_STATE_UNUSABLE
   */
  prune(): Promise<void> {
    return this.#inTurn((captures) => this.#ages.write(captures.keys()));
  }

  /** Writes labels that wait, and takes no more. */
  async close(): Promise<void> {
    await this.#labels.close();
    if (this.#settling) clearInterval(this.#settling); // the next process does the rest
    this.#settling = null;
  }

  /** Of each capture the newest label only: of one in its own file, of several in one for all of them first. */
  #writeLabels(changes: readonly LabelChange[]): Promise<void> {
    return this.#inTurn(async (captures) => {
      const labels = new Map(changes.map((change) => [change.id, change.label]));
      for (const id of labels.keys()) if (!captures.has(id)) labels.delete(id); // removed in the meantime
      if (labels.size === 0) return;
      const labelled = [...labels].map(([id, label]) => withLabel(captures.get(id)!, label));
      if (labels.size === 1 && !this.#pending.isInUse) await this.#describe(labelled[0]);
      else await this.#pending.add(labels);
      for (const capture of labelled) captures.set(capture.id, capture);
      this.#settle();
    });
  }

  /** Gives the captures' own files their labels, one after the other. */
  #settle(): void {
    if (this.#settling !== null || this.#pending.next() === undefined) return;
    const one = async (captures: Map<string, Capture>) => {
      const id = this.#pending.next();
      const capture = id === undefined ? undefined : captures.get(id);
      if (capture) await this.#describe(capture);
      if (id !== undefined) await this.#pending.done(id);
      if (this.#pending.next() !== undefined || this.#settling === null) return;
      clearInterval(this.#settling);
      this.#settling = null;
    };
    // Where that cannot be written, the next turn tries again.
    this.#settling = setInterval(() => this.#add(one).catch(() => {}), SETTLE_MS).unref();
  }

  /** Does something with the captures once all before it is done. They are within the limits before and after. */
  #inTurn<Result>(work: (captures: Map<string, Capture>) => Promise<Result>): Promise<Result> {
    return this.#add(async (captures) => {
      await this.#keepLimits(captures);
      const result = await work(captures);
      await this.#keepLimits(captures);
      return result;
    });
  }

  /** The same of work that changes nothing, which a disk that cannot be written on does not stop. */
  #toRead<Result>(work: (captures: Map<string, Capture>) => Promise<Result>): Promise<Result> {
    return this.#add(async (captures) => {
      await this.#keepLimits(captures).catch(() => {});
      return work(captures);
    });
  }

  #add<Result>(work: (captures: Map<string, Capture>) => Promise<Result>): Promise<Result> {
    return this.#changes.add(async () => {
      try {
        this.#captures ??= await this.#begin();
        return await work(this.#captures);
      } catch (error) {
        throw asWakegateError(
          error,
          'WG_STATE_UNUSABLE',
          `the captures in ${this.#folder} cannot be read or written`,
        );
      }
    });
  }

  async #begin(): Promise<Map<string, Capture>> {
    const problem = await this.#ages.read();
    if (problem !== null) this.onNotice(`${problem}. All captures count as new`);
    const captures = await this.#load();
    for (const [id, label] of await this.#pending.read()) {
      const capture = captures.get(id);
      if (capture) captures.set(id, withLabel(capture, label));
    }
    this.#settle();
    return captures;
  }

  async #load(): Promise<Map<string, Capture>> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const captures = new Map<string, Capture>();
    const foreign = new Set<string>();
    for (const name of names.sort()) {
      if (!name.endsWith('.json')) continue;
      const capture = await this.#read(name);
      if (capture === 'foreign') foreign.add(name.slice(0, -'.json'.length));
      else if (capture !== null) captures.set(capture.id, capture);
    }
    // Left behind by a power cut.
    const isOurs = /^([0-9]{8}-[0-9]{6}-[0-9a-f]{8})\.(wav|json)(\.\d+\.new)?$/;
    for (const name of names) {
      const [, id, , isUnfinished] = name.match(isOurs) ?? [];
      if (id && (isUnfinished || !(captures.has(id) || foreign.has(id))))
        await rm(join(this.#folder, name), { force: true }).catch(() => {}); // it is in nobody's way
    }
    return captures;
  }

  /** null for a file that was not written completely; `foreign` for one of another release, or that cannot be read. */
  async #read(name: string): Promise<Capture | 'foreign' | null> {
    try {
      const checked = CHECKER.check(
        JSON.parse((await readRegularFile(join(this.#folder, name), MOST_JSON_BYTES)).toString()),
      );
      return checked.ok && name === `${checked.value.id}.json` ? checked.value : 'foreign';
    } catch (error) {
      return error instanceof SyntaxError ? null : 'foreign';
    }
  }

  async #keepLimits(captures: Map<string, Capture>): Promise<void> {
    for (const capture of captures.values()) {
      // Someone has listened to it, and wants to train with it.
      if (capture.label === null && this.#ages.isOld(capture.id)) await this.#forget(captures, capture);
    }
    while (captures.size > this.#limits.count || bytesOf(captures) > this.#limits.bytes) {
      const all = [...captures.values()];
      await this.#forget(captures, all.find(({ label }) => label === null) ?? all[0]);
    }
  }

  async #forget(captures: Map<string, Capture>, { id }: Capture): Promise<void> {
    await this.#delete(id);
    captures.delete(id);
    this.#ages.forget(id);
  }

  /** The description first: sound without one is removed when the folder is next read. */
  async #delete(id: string): Promise<void> {
    await rm(this.#pathOf(id, 'json'), { force: true, recursive: true });
    await rm(this.#pathOf(id, 'wav'), { force: true, recursive: true });
  }

  #describe(capture: Capture): Promise<void> {
    return replaceFile(this.#pathOf(capture.id, 'json'), `${JSON.stringify(capture, null, 2)}\n`);
  }

  #pathOf(id: string, extension: 'wav' | 'json'): string {
    return join(this.#folder, `${id}.${extension}`);
  }
}

function withLabel(capture: Capture, label: Label): Capture {
  return { ...capture, word: null, ...label };
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Sorts by time. */
function newId(heardAt: Date): string {
  const [date, time] = heardAt
    .toISOString()
    .replaceAll(/[-:]|\..*/g, '')
    .split('T');
  return `${date}-${time}-${randomBytes(4).toString('hex')}`;
}

function bytesOf(captures: Map<string, Capture>): number {
  let bytes = 0;
  for (const capture of captures.values()) bytes += capture.bytes;
  return bytes;
}

function known(captures: Map<string, Capture>, id: string): Capture {
  const capture = captures.get(id);
  if (capture) return capture;
  throw unknownError();
}

function unknownError(): WakegateError {
  return new WakegateError(
    'WG_UNKNOWN_NAME',
    'there is no capture with that id: GET /v1/captures lists them',
  );
}

import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import {
  type Command,
  type EngineOptions,
  FILE_CHUNK,
  type HeardClip,
  LEAST_SCORE,
  type Recordings,
  type Spent,
  type Told,
} from './protocol.js';

/** What an engine reports while it listens. Sample numbers count from the start of its stream. */
export interface Hearing {
  detected(word: string, sample: number): void;
  scored(word: string, sample: number, score: number): void;
}

export interface Engine {
  /** Takes the next samples of the stream, any number of them. */
  push(samples: Int16Array): void | Promise<void>;
  /** Ends the stream, once all has been reported; the next samples begin another. */
  finish(): void | Promise<void>;
}

export type MakeEngine = (options: EngineOptions, hearing: Hearing) => Promise<Engine>;

/** The body of an engine's process: see protocol.ts. */
export async function serve(make: MakeEngine): Promise<void> {
  const clip = new ClipRecord();
  let engine: Engine;
  try {
    engine = await make(JSON.parse(process.argv[2]) as EngineOptions, clip);
  } catch (error) {
    say({ ready: false, reason: (error as Error).message.split('\n')[0] });
    return;
  }
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as Command;
    if (command.do === 'hear') say({ clips: await hear(engine, clip, command) });
    else if (command.do === 'spend') say(await spend(engine, clip, command.path));
    else listen(engine, clip);
  }
  process.exit();
}

class ClipRecord implements Hearing {
  #detections: [string, number][] = [];
  #scores: [string, number, number][] = [];
  /** Set where detections are reported at once. */
  tell: ((told: Told) => void) | null = null;

  detected(word: string, sample: number): void {
    if (this.tell) this.tell({ word, sample });
    else this.#detections.push([word, sample]);
  }

  scored(word: string, sample: number, score: number): void {
    if (score > LEAST_SCORE && !this.tell) this.#scores.push([word, sample, Number(score.toFixed(6))]);
  }

  take(): HeardClip {
    const heard = { detections: this.#detections, scores: this.#scores };
    [this.#detections, this.#scores] = [[], []];
    return heard;
  }
}

async function hear(engine: Engine, clip: ClipRecord, { path, lengths }: Recordings): Promise<HeardClip[]> {
  const file = await open(path);
  try {
    const clips: HeardClip[] = [];
    for (const length of lengths) {
      for (let at = 0; at < length; at += FILE_CHUNK) {
        const samples = new Int16Array(Math.min(FILE_CHUNK, length - at));
        await file.read(new Uint8Array(samples.buffer));
        await engine.push(samples);
      }
      await engine.finish();
      clips.push(clip.take());
    }
    return clips;
  } finally {
    await file.close();
  }
}

async function spend(engine: Engine, clip: ClipRecord, path: string): Promise<Spent> {
  const file = await open(path);
  const { size } = await file.stat();
  await file.close();
  const before = process.cpuUsage();
  await hear(engine, clip, { path, lengths: [size / 2] });
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, seconds: size / 32_000 };
}

function listen(engine: Engine, clip: ClipRecord): void {
  clip.tell = say;
  let rest = Buffer.alloc(0);
  let done = Promise.resolve();
  new Socket({ fd: 3 }).on('data', (bytes) => {
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    const even = all.length & ~1;
    rest = Buffer.from(all.subarray(even));
    const samples = new Int16Array(new Uint8Array(all.subarray(0, even)).buffer);
    done = done.then(() => engine.push(samples));
  });
}

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

import type { DetectionEvent, Look, ScoresEvent } from '../client/index.js';

/** Tenths of a second that are kept, which is what the strips show. */
export const SLOTS = 600;
export const SLOTS_PER_SECOND = 10;
/** Scores come about twice a second while a room is quiet; a longer pause is one. */
const LONGEST_STEP = 10;

/** Something that happened at one place. */
export interface Mark {
  /** Number of its slot. */
  readonly slot: number;
  readonly keyword: string;
  readonly kind: 'detection' | 'agreed' | 'refused';
  readonly score: number;
}

/** The last minute of what is heard and thought, in rings that never grow. Slots without anything are NaN. */
export class StripHistory {
  /** Number of the newest slot: tenths of a second since listening began; -1 before the first. */
  newest = -1;
  readonly level = new Float32Array(SLOTS).fill(Number.NaN);
  readonly noise = new Float32Array(SLOTS).fill(Number.NaN);
  readonly gate = new Float32Array(SLOTS).fill(Number.NaN);
  readonly open = new Uint8Array(SLOTS);
  readonly posteriors = new Map<string, Float32Array>();
  marks: Mark[] = [];

  take({ seconds, dbfs, noiseDbfs, gate, posteriors, looks }: ScoresEvent): void {
    const slot = Math.round(seconds * SLOTS_PER_SECOND);
    // A daemon that was started again, or a pack that begins a stream, counts from the start.
    if (slot < this.newest - SLOTS_PER_SECOND || slot > this.newest + SLOTS) this.clear();
    const isPause = this.newest >= 0 && slot - this.newest > LONGEST_STEP;
    const first = this.newest < 0 ? slot : this.newest + 1;
    for (let at = first; at <= slot; at++) {
      const isHole = isPause && at < slot;
      const index = at % SLOTS;
      this.level[index] = isHole || dbfs === null ? Number.NaN : dbfs;
      this.noise[index] = isHole || noiseDbfs === null ? Number.NaN : noiseDbfs;
      this.gate[index] = isHole ? Number.NaN : gate.score;
      this.open[index] = gate.open && !isHole ? 1 : 0;
      for (const [name, scores] of this.posteriors) {
        scores[index] = isHole ? Number.NaN : (posteriors?.[name] ?? Number.NaN);
      }
    }
    this.newest = Math.max(this.newest, slot);
    for (const [name, score] of Object.entries(posteriors ?? {})) {
      if (!this.posteriors.has(name)) this.posteriors.set(name, new Float32Array(SLOTS).fill(Number.NaN));
      this.posteriors.get(name)![slot % SLOTS] = score;
    }
    for (const look of looks) this.#mark(markOf(look));
    const oldest = this.newest - SLOTS;
    if (this.marks.length > 0 && this.marks[0].slot <= oldest) {
      this.marks = this.marks.filter((mark) => mark.slot > oldest);
    }
  }

  detected({ keyword, score, seconds }: Pick<DetectionEvent, 'keyword' | 'score' | 'seconds'>): void {
    this.#mark({ slot: Math.round(seconds * SLOTS_PER_SECOND), keyword, kind: 'detection', score });
  }

  clear(): void {
    this.newest = -1;
    for (const ring of [this.level, this.noise, this.gate, ...this.posteriors.values()])
      ring.fill(Number.NaN);
    this.open.fill(0);
    this.marks = [];
  }

  /** Of a keyword that is gone. */
  forget(name: string): void {
    this.posteriors.delete(name);
  }

  #mark(mark: Mark): void {
    this.marks.push(mark);
    if (this.marks.length > SLOTS) this.marks.shift();
  }
}

function markOf({ keyword, sample, score, agreed }: Look): Mark {
  const slot = Math.round((sample / 16_000) * SLOTS_PER_SECOND);
  return { slot, keyword, kind: agreed ? 'agreed' : 'refused', score };
}

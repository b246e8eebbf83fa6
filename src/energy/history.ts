import type { EnergyBucket, EnergySpan, EnergyWindow } from '../protocol/index.js';
import { type EnergyMeter, MARK_LENGTH } from './meter.js';

/** How far apart marks are, and how many are kept: one more than the span has, for its beginning. */
const RINGS = {
  fine: { spacingMs: 10_000, marks: 3_600_000 / 10_000 + 1 },
  coarse: { spacingMs: 600_000, marks: 86_400_000 / 600_000 + 1 },
} as const;

/** What a span is shown by. */
const SPANS: Readonly<Record<EnergySpan, { spanMs: number; bucketMs: number; ring: keyof typeof RINGS }>> = {
  minute: { spanMs: 60_000, bucketMs: 10_000, ring: 'fine' },
  hour: { spanMs: 3_600_000, bucketMs: 60_000, ring: 'fine' },
  day: { spanMs: 86_400_000, bucketMs: 600_000, ring: 'coarse' },
};

/** Of marks that come when a chunk of sound does, rather than to the millisecond. */
const SLACK_MS = 1000;

/**
 * Remembers for an hour, and more coarsely for a day, how far a meter was, so that it can be said what the last minute has cost. There
 * is no timer: whoever listens calls `heard` as audio comes in.
 */
export class EnergyHistory {
  readonly #meter: EnergyMeter;
  readonly #fine: Marks;
  readonly #coarse: Marks;
  #startMs: number;

  /** @param nowMs on any clock that only goes forward, the same for all calls */
  constructor(meter: EnergyMeter, nowMs: number) {
    this.#meter = meter;
    this.#startMs = nowMs;
    this.#fine = new Marks(meter, RINGS.fine, nowMs);
    this.#coarse = new Marks(meter, RINGS.coarse, nowMs);
  }

  heard(nowMs: number): void {
    this.#fine.heard(nowMs);
    this.#coarse.heard(nowMs);
  }

  /** What was spent in this newest part of the time, or since the start where that is less. */
  last(durationMs: number, nowMs: number): EnergyWindow {
    const mark = this.#fine.newestBefore(nowMs - durationMs);
    if (mark) return { seconds: (nowMs - mark.timeMs) / 1000, ...this.#meter.snapshot(mark.counts) };
    return { seconds: (nowMs - this.#startMs) / 1000, ...this.#meter.snapshot() };
  }

  /**
   * The account of a span in parts, oldest first; the newest ends now.
   *
   * @param wallMs the same moment as `nowMs`, since the epoch
   */
  over(span: EnergySpan, nowMs: number, wallMs: number): EnergyBucket[] {
    const { spanMs, bucketMs, ring } = SPANS[span];
    const marks = ring === 'fine' ? this.#fine : this.#coarse;
    const now = new Float64Array(MARK_LENGTH);
    this.#meter.mark(now);
    const buckets: EnergyBucket[] = [];
    let until: Mark = { timeMs: nowMs, counts: now };
    while (buckets.length * bucketMs < spanMs) {
      const before = marks.newestBefore(until.timeMs - bucketMs + SLACK_MS);
      const from = before ?? { timeMs: this.#startMs, counts: new Float64Array(MARK_LENGTH) };
      // Where nothing was heard for long, marks are far apart.
      if (from.timeMs >= until.timeMs || from.timeMs < nowMs - spanMs - bucketMs) break;
      const spent = this.#meter.snapshot(from.counts, until.counts);
      buckets.push(bucketOf(spent, new Date(wallMs - (nowMs - until.timeMs)), until.timeMs - from.timeMs));
      until = from;
      if (before === null) break;
    }
    return buckets.reverse();
  }

  /** Starts over, as the meter does. */
  reset(nowMs: number): void {
    this.#meter.reset();
    this.#startMs = nowMs;
    this.#fine.reset(nowMs);
    this.#coarse.reset(nowMs);
  }
}

interface Mark {
  readonly timeMs: number;
  /** As the meter marks. */
  readonly counts: Float64Array;
}

/** How far the meter was, at times that are at least so far apart: a ring. */
class Marks {
  readonly #meter: EnergyMeter;
  readonly #spacingMs: number;
  readonly #counts: readonly Float64Array[];
  readonly #times: Float64Array;
  #count = 0;
  #next = 0;
  #lastMs: number;

  constructor(meter: EnergyMeter, { spacingMs, marks }: { spacingMs: number; marks: number }, nowMs: number) {
    this.#meter = meter;
    this.#spacingMs = spacingMs;
    this.#counts = Array.from({ length: marks }, () => new Float64Array(MARK_LENGTH));
    this.#times = new Float64Array(marks);
    this.#lastMs = nowMs;
  }

  heard(nowMs: number): void {
    if (nowMs - this.#lastMs < this.#spacingMs) return;
    this.#lastMs = nowMs;
    this.#meter.mark(this.#counts[this.#next]);
    this.#times[this.#next] = nowMs;
    this.#next = (this.#next + 1) % this.#counts.length;
    this.#count = Math.min(this.#counts.length, this.#count + 1);
  }

  /** The newest mark that is no later; null where there is none. */
  newestBefore(timeMs: number): Mark | null {
    for (let age = 1; age <= this.#count; age++) {
      const mark = (this.#next - age + this.#counts.length) % this.#counts.length;
      if (this.#times[mark] <= timeMs) return { timeMs: this.#times[mark], counts: this.#counts[mark] };
    }
    return null;
  }

  reset(nowMs: number): void {
    this.#count = 0;
    this.#lastMs = nowMs;
  }
}

function bucketOf(
  { stages, total, saved }: ReturnType<EnergyMeter['snapshot']>,
  end: Date,
  durationMs: number,
): EnergyBucket {
  const spent = ({ cpuMs, energyMj }: { cpuMs: number; energyMj: number }) => ({ cpuMs, energyMj });
  return {
    time: end.toISOString(),
    seconds: durationMs / 1000,
    stages: {
      capture: spent(stages.capture),
      features: spent(stages.features),
      gate: spent(stages.gate),
      handoff: spent(stages.handoff),
      classifier: spent(stages.classifier),
      secondLook: spent(stages.secondLook),
    },
    total: spent(total),
    alwaysOnCpuMs: saved?.alwaysOnCpuMs ?? null,
    handoffs: stages.classifier.calls,
    looks: stages.secondLook.calls,
  };
}

import { CLOCKS, type Clocks, SAMPLE_RATE } from '../audio/index.js';
import type { Problems } from './problems.js';

/** How long it is a problem, in ms, since that lasts only a moment. */
const TOLD_MS = 60_000;
/** How often what is told of missed sound changes. */
const TELL_MS = 10_000;
/** The clock is set where it moves by more than this against one that nobody sets. */
const STEP_MS = 1000;

/**
 * What the machine does to listening that is over in a moment: sound that was missed since it stood still or was too busy, and a clock
 * that was set. There is no timer here: the input's signs of life are the clock.
 */
export class MachineWatch {
  readonly #problems: Problems;
  readonly #clocks: Clocks;
  #missedSamples = 0;
  /** When sound was missed last, and when that was told last. */
  #missedMs = Number.NEGATIVE_INFINITY;
  #toldMs = Number.NEGATIVE_INFINITY;
  #wallAheadMs: number;
  #bootAheadMs: number;
  #setMs = Number.NEGATIVE_INFINITY;

  constructor(problems: Problems, clocks: Clocks = CLOCKS) {
    this.#problems = problems;
    this.#clocks = clocks;
    const nowMs = clocks.monotonicMs();
    this.#wallAheadMs = clocks.wallMs() - nowMs;
    this.#bootAheadMs = clocks.bootMs() - nowMs;
  }

  /** So many samples never came. */
  missed(samples: number): void {
    const nowMs = this.#clocks.monotonicMs();
    if (nowMs - this.#missedMs > TOLD_MS) this.#missedSamples = 0;
    this.#missedSamples += samples;
    this.#missedMs = nowMs;
    if (nowMs - this.#toldMs < TELL_MS) return;
    this.#toldMs = nowMs;
    const seconds = (this.#missedSamples / SAMPLE_RATE).toFixed(1);
    this.#problems.set(
      'sound',
      `${seconds} s of sound were missed within a minute: the machine stood still, or is too busy`,
    );
  }

  /** To be called with every sign of life. */
  beat(): void {
    const nowMs = this.#clocks.monotonicMs();
    this.#watchClock(nowMs);
    if (nowMs - this.#missedMs > TOLD_MS) this.#problems.set('sound', null);
    if (nowMs - this.#setMs > TOLD_MS) this.#problems.set('clock', null);
  }

  #watchClock(nowMs: number): void {
    const aheadMs = this.#clocks.wallMs() - nowMs;
    const stepMs = aheadMs - this.#wallAheadMs;
    this.#wallAheadMs = aheadMs;
    if (Math.abs(stepMs) < STEP_MS) return;
    const bootAheadMs = this.#clocks.bootMs() - nowMs;
    const suspendedMs = bootAheadMs - this.#bootAheadMs;
    this.#bootAheadMs = bootAheadMs;
    // While the machine was suspended, its clock did what it should.
    if (Math.abs(stepMs - suspendedMs) < STEP_MS) return;
    this.#setMs = nowMs;
    const way = stepMs > 0 ? 'forward' : 'back';
    this.#problems.set(
      'clock',
      `the clock of the machine was set ${way} by ${durationText(Math.abs(stepMs) / 1000)}: times from before are by the other one`,
    );
  }
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

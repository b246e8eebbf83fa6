import type { ModelPack } from '../model/pack.js';
import { type Kernels, openKernels } from '../simd/index.js';
import { compress } from './compress.js';
import type { Stack } from './layer-stack.js';
import { openStack } from './open-stack.js';
import { OwnGates } from './own-gates.js';

/** Primed instances by the gates of their packs: nothing changes them, so that one does for all streams of a pack. */
const primedFor = new WeakMap<ModelPack['gate'], GatedFront>();

/**
 * The gated front half of one stream: MFCC frames in; steps, gate scores and compressed activations out. It starts as
 * if silence had always been there, so that a window can be handed over from the first step on.
 */
export class GatedFront {
  readonly #pack: ModelPack;
  readonly #kernels: Kernels | null;
  readonly #front: Stack;
  readonly #head: Stack;
  /** Of the user's own keywords; null without any. */
  readonly #own: OwnGates | null;
  /** What is added to their logits, so that 0 is the pack's threshold. */
  readonly #ownShift: number;
  /** Levels of the last `windowSteps` steps, as a ring of rows. */
  readonly #ring: Uint8Array;
  readonly #start: GatedFront | null;
  #open = false;
  #hangover = 0;
  /** The newest scores of the gate head, to be averaged. */
  readonly #scores: Float32Array;
  #scoreAt = 0;
  #score = 0;
  #overflowed = false;
  #step = -1;
  /** Row of the ring that the newest step lies in. */
  #row = -1;

  /**
   * @param kernels what computes it; null for plain typed arrays
   * @param start what to begin as: a primed instance of the same pack, or null for one that is to be primed
   */
  constructor(
    pack: ModelPack,
    kernels: Kernels | null = openKernels(),
    start: GatedFront | null = GatedFront.#primed(pack, kernels),
  ) {
    this.#pack = pack;
    this.#kernels = kernels;
    this.#front = openStack(pack.front, kernels);
    this.#head = openStack(pack.gate.head, kernels);
    this.#ring = new Uint8Array(pack.handoff.windowSteps * pack.compression.channels);
    this.#scores = new Float32Array(pack.gate.smoothingScores);
    this.#own = pack.own?.length ? new OwnGates(pack.own, pack.compression.channels) : null;
    const { threshold } = pack.gate;
    this.#ownShift = Math.log(threshold / (1 - threshold));
    this.#start = start;
    this.reset();
  }

  static #primed(pack: ModelPack, kernels: Kernels | null): GatedFront {
    const known = primedFor.get(pack.gate);
    if (known && known.#kernels === kernels && isSameNetwork(known.#pack, pack)) return known;
    const primed = new GatedFront(pack, kernels, null);
    const silence = new Float32Array(pack.features.coefficients);
    // Long enough to fill every layer; from then on each step is like the one before. The front gives steps at odd frames, and so
    // every second frame of a stream that begins here.
    for (let frame = 0; frame < 2 * receptiveSteps(pack) + 1; frame++) primed.push(silence, 0);
    primed.#repeat();
    primedFor.set(pack.gate, primed);
    return primed;
  }

  /** As if the newest step had come for ever. */
  #repeat(): void {
    const { windowSteps } = this.#pack.handoff;
    const { channels } = this.#pack.compression;
    const row = this.#ring.slice(this.#row * channels, (this.#row + 1) * channels);
    for (let step = 0; step < windowSteps; step++) this.#ring.set(row, step * channels);
    this.#own?.reset(this.#ring, this.#row);
    for (let step = 0; step < this.#scores.length; step++) this.#smooth(1 / (1 + Math.exp(-this.#logit())));
  }

  /** Starts over, as after a gap in the audio. Steps are counted on from `step`. */
  reset(step = 0): void {
    this.#step = step - 1;
    this.#open = false;
    this.#hangover = 0;
    this.#score = 0;
    if (this.#start === null) return;
    this.#scores.set(this.#start.#scores);
    this.#front.copyStateFrom(this.#start.#front);
    this.#head.copyStateFrom(this.#start.#head);
    this.#ring.set(this.#start.#ring);
    this.#row = this.#start.#row;
    this.#own?.reset(this.#ring, this.#row);
  }

  /**
   * Takes one frame, which begins at `frames[at]`.
   * @returns whether it completed a step
   */
  push(frames: Float32Array, at: number): boolean {
    if (!this.#front.push(frames, at)) return false;
    this.#step++;
    const { compression, gate, handoff } = this.#pack;
    this.#row = (this.#row + 1) % handoff.windowSteps;
    compress(compression, this.#front.output, this.#ring, this.#row * compression.channels);
    this.#own?.push(this.#ring, this.#row * compression.channels);
    if (this.#head.push(this.#front.output, 0)) this.#smooth(1 / (1 + Math.exp(-this.#logit())));
    if (this.#score >= gate.threshold) this.#hangover = gate.hangoverSteps + 1;
    this.#open = this.#hangover > 0;
    if (this.#open) this.#hangover--;
    return true;
  }

  /** Counts steps that were skipped, since they held nothing but the noise that came before: they are stopped. */
  skip(steps: number): void {
    this.#step += steps;
    this.#open = false;
    this.#hangover = 0;
    this.#score = 0;
    this.#scores.fill(0);
  }

  /** Of the gate that is most open. */
  #logit(): number {
    const logit = this.#head.output[0];
    if (this.#own === null) return logit;
    return Math.max(logit, this.#own.logit() + this.#ownShift);
  }

  #smooth(score: number): void {
    const scores = this.#scores;
    // Weights of 1e30 are numbers, but sums of their products may not be.
    if (Number.isNaN(score)) this.#overflowed = true;
    scores[this.#scoreAt] = Number.isNaN(score) ? 0 : score;
    this.#scoreAt = (this.#scoreAt + 1) % scores.length;
    let sum = 0;
    for (let i = 0; i < scores.length; i++) sum += scores[i];
    this.#score = sum / scores.length;
  }

  /** Number of the newest step; -1 before the first. */
  get step(): number {
    return this.#step;
  }

  /** Whether the newest step passes the gate. */
  get open(): boolean {
    return this.#open;
  }

  /** P(signal of interest) at the newest step, smoothed. */
  get score(): number {
    return this.#score;
  }

  /** Whether a score was not a number: the pack's weights are too large, and what it hears means nothing. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Activations of the newest step before compression, [channels]. */
  get activations(): Float32Array {
    return this.#front.output;
  }

  /** Multiply-accumulates per step, gate head included. */
  get macsPerStep(): number {
    return 2 * this.#front.macsPerRow + this.#head.macsPerRow + (this.#own?.macs ?? 0) / 2;
  }

  /** Writes the levels of the last `windowSteps` steps, oldest first, to `levels` as [windowSteps, channels]. */
  copyWindow(levels: Uint8Array): void {
    const oldest = ((this.#row + 1) % this.#pack.handoff.windowSteps) * this.#pack.compression.channels;
    levels.set(this.#ring.subarray(oldest));
    levels.set(this.#ring.subarray(0, oldest), levels.length - oldest);
  }
}

const NONE: readonly unknown[] = [];

/** Whether two packs are one in all that matters here: their keywords may differ. */
function isSameNetwork(a: ModelPack, b: ModelPack): boolean {
  return (
    a.features === b.features &&
    a.front === b.front &&
    a.compression === b.compression &&
    a.gate === b.gate &&
    (a.own ?? NONE) === (b.own ?? NONE) &&
    a.handoff === b.handoff
  );
}

/** Steps that front and gate head look back, at most. */
function receptiveSteps(pack: ModelPack): number {
  let stepsPerRow = 1;
  let steps = 0;
  for (const layer of [...pack.front, ...pack.gate.head]) {
    steps += (layer.taps - 1) * stepsPerRow;
    stepsPerRow *= layer.stride;
  }
  return steps + 2;
}

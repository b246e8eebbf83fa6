import { EventEmitter } from 'node:events';
import { Backoff } from '../../backoff.js';
import { asWakegateError, type WakegateError } from '../../errors.js';
import { SampleClock } from '../clock.js';
import type { ConditionerOptions } from '../conditioner.js';
import { type AudioChunk, type AudioSource, SAMPLE_RATE } from '../source.js';
import { type MicrophoneOptions, MicrophoneSource } from './microphone-source.js';
import type { Rhythm } from './rhythm.js';

/** A loss after this much sound is a new one: the first retry comes as soon as ever. */
const HEALTHY_MS = 10_000;
/** So long the samples of one that had another pace before are measured again, before it counts as restored. */
const PROBATION_MS = 10_000;

export interface SupervisedMicrophoneOptions extends MicrophoneOptions {
  /** Between attempts, before jitter: by default 250 and 30 000. */
  readonly firstRetryMs?: number;
  readonly longestRetryMs?: number;
}

export interface MicrophoneEvents {
  /** It gives sound, for the first time or after it was muted. */
  listening: [];
  /** It has failed, and is tried again after this time. */
  lost: [fault: WakegateError, retryMs: number];
  /** It gives sound again, after it was lost. */
  restored: [];
  /** Something is wrong with the signal, as a sentence; null when it is good again. */
  problem: [sentence: string | null];
}

/**
 * A microphone that heals by itself: one {@link MicrophoneSource} after another, whatever happens to each. Samples are
 * numbered through all of them by the time that passes, so that a loss is a gap in the numbers, and so is the time that
 * it is muted. Iterate it once.
 */
export class SupervisedMicrophone extends EventEmitter<MicrophoneEvents> implements AudioSource {
  readonly clock = new SampleClock();
  #options: MicrophoneOptions;
  readonly #backoff: Backoff;
  #source: MicrophoneSource;
  #rhythm: Rhythm = 'prompt';
  #problem: string | null = null;
  #isLost = false;
  /** Whether the one before was lost for the pace of its samples. */
  #isOnProbation = false;
  #isMuted = false;
  #closed = false;
  /** Ends the wait for the next attempt, or for being unmuted. */
  #wake: () => void = () => {};
  /** Number that the next sample will have, if there is no gap; 0 before there was sound. */
  #nextSample = 0;
  #lastChunkMs = 0;

  /** @throws WakegateError WG_USAGE for options that make no sense */
  constructor(options: SupervisedMicrophoneOptions = {}) {
    super();
    const { firstRetryMs = 250, longestRetryMs = 30_000, ...microphone } = options;
    this.#options = microphone;
    this.#backoff = new Backoff({ firstMs: firstRetryMs, longestMs: longestRetryMs });
    this.#source = new MicrophoneSource(microphone);
  }

  get name(): string {
    return this.#source.name;
  }

  /** As {@link MicrophoneSource.rhythm}. */
  set rhythm(rhythm: Rhythm) {
    this.#rhythm = rhythm;
    if (rhythm !== this.#source.rhythm) this.#source.rhythm = rhythm;
  }

  get rhythm(): Rhythm {
    return this.#rhythm;
  }

  /** As {@link MicrophoneSource.condition}, now and after every loss. */
  condition({ gainDb, highPassHz }: Required<ConditionerOptions>): void {
    this.#source.condition({ gainDb, highPassHz });
    this.#options = { ...this.#options, gainDb, highPassHz };
  }

  /**
   * Records from another device, or by another recorder, from now on: the one before is released first.
   *
   * @returns its name
   * @throws WakegateError WG_USAGE for a device name that cannot be, and then nothing has changed
   */
  use({ recorder, device }: Pick<MicrophoneOptions, 'recorder' | 'device'>): string {
    const { device: _, ...others } = this.#options;
    const options = {
      ...others,
      ...(recorder !== undefined && { recorder }),
      ...(device !== undefined && { device }),
    };
    const { name } = new MicrophoneSource(options);
    this.#options = options;
    this.#isLost = false;
    this.#isOnProbation = false;
    this.#backoff.reset();
    this.#wake();
    this.#source.close();
    return name;
  }

  /**
   * Ends only when it is closed.
   *
   * @throws WakegateError WG_RECORDER_MISSING where there is no recorder from the start: that does not fix itself
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
    while (!this.#closed) {
      try {
        yield* this.#life();
      } catch (error) {
        const fault = asWakegateError(error, 'WG_RECORDER_FAILED', 'the microphone failed');
        if (fault.code !== 'WG_RECORDER_FAILED' && this.#nextSample === 0) throw fault;
        await this.#lose(fault);
      }
      await this.#unmuted();
      this.#renew();
    }
  }

  /** Releases the recorder, and resolves when it has ended. No sound and no events come until {@link unmute}. */
  async mute(): Promise<void> {
    this.#isMuted = true;
    this.#isLost = false;
    this.#isOnProbation = false;
    this.#wake();
    await this.#source.close();
  }

  /** Records again, at once. */
  unmute(): void {
    this.#isMuted = false;
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#source.close();
  }

  /** The sound of one source, until it fails or is released. */
  async *#life(): AsyncGenerator<AudioChunk> {
    const source = this.#source;
    let origin = -1;
    let bornMs = 0;
    for await (const { samples, startSample } of source) {
      if (this.#isMuted) return;
      const nowMs = performance.now();
      if (origin < 0) {
        bornMs = nowMs;
        origin = this.#originAfterGap(samples.length);
        if (!this.#isOnProbation) this.#giveBack();
      }
      if (this.#isOnProbation && nowMs - bornMs >= PROBATION_MS) this.#giveBack();
      if (nowMs - bornMs >= HEALTHY_MS) this.#backoff.reset();
      const start = origin + startSample;
      // Every time, since the source may have moved its own.
      this.clock.anchor(start, source.clock.wallMs(startSample));
      this.#nextSample = start + samples.length;
      this.#lastChunkMs = nowMs;
      this.#tellProblem(source.problem);
      yield { samples, startSample: start };
    }
  }

  /** It gives sound as it should. */
  #giveBack(): void {
    this.#isOnProbation = false;
    this.emit(this.#isLost ? 'restored' : 'listening');
    this.#isLost = false;
  }

  /** Reports a loss, and waits until it is time for the next attempt. */
  async #lose(fault: WakegateError): Promise<void> {
    if (this.#closed || this.#isMuted) return;
    // A microphone that has given no sound yet cannot be given back.
    this.#isLost = this.#nextSample > 0;
    this.#isOnProbation = this.#source.isOutOfPace;
    const retryMs = this.#backoff.next();
    this.emit('lost', fault, retryMs);
    // A listener may mute or close it.
    if (this.#closed || this.#isMuted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, retryMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #unmuted(): Promise<void> {
    while (this.#isMuted && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #renew(): void {
    if (this.#closed) return;
    this.#source = new MicrophoneSource(this.#options);
    this.#problem = null;
    // What comes first after a gap is never waited for.
    this.#rhythm = 'prompt';
  }

  /** Number of the first sample of a new source, of which `arrived` samples have come by now. */
  #originAfterGap(arrived: number): number {
    if (this.#nextSample === 0) return 0;
    const silentMs = performance.now() - this.#lastChunkMs - (1000 * arrived) / SAMPLE_RATE;
    return this.#nextSample + Math.max(1, Math.round((silentMs * SAMPLE_RATE) / 1000));
  }

  #tellProblem(problem: string | null): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.emit('problem', problem);
  }
}

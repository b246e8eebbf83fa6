import { EventEmitter } from 'node:events';
import type { HeldSound } from './audio/sound-pages.js';
import { Detector } from './classifier/detector.js';
import type { CostedClassification, HandoffClassifier } from './classifier/index.js';
import { Judge } from './classifier/judge.js';
import { SecondLookStage, type SecondLookVerdict } from './classifier/second-look-stage.js';
import { EnergyMeter, type StageMeter } from './energy/index.js';
import { asWakegateError, WakegateError } from './errors.js';
import { type ExtractorName, FrameStream, openExtractor } from './features/index.js';
import { GatedFront } from './gate/gated-front.js';
import { HandoffEncoder } from './gate/handoff.js';
import { LevelGate } from './gate/level-gate.js';
import type { KeywordSettings, ModelPack } from './model/index.js';

export interface Detection {
  readonly streamId: number;
  readonly keyword: string;
  /** Smoothed posterior at the moment of detection; after a second look, both opinions joined. */
  readonly score: number;
  /** What each opinion was, where there was a second look. */
  readonly secondLook: { readonly posterior: number; readonly second: number } | null;
  /** Sample number at the end of the position that completed it. */
  readonly sample: number;
  /** What has been spent on it since the gate opened. */
  readonly cost: DetectionCost;
}

export interface DetectionCost {
  readonly handoffs: number;
  /** Of these handoffs. */
  readonly bytes: number;
  /** The classifier's CPU time for them. */
  readonly cpuMs: number;
  /** An estimate for that time, on the named basis. */
  readonly energyMj: number;
  readonly basis: string;
}

export interface ListenerEvents {
  detection: [detection: Detection];
  gate: [change: { readonly open: boolean; readonly score: number; readonly sample: number }];
  /** Smoothed posteriors of all keywords at one position; `scores` is valid only until the next. */
  position: [position: { readonly sample: number; readonly scores: Float32Array }];
  /** What came of a second look: `agreed` where a detection follows. */
  secondLook: [verdict: SecondLookVerdict & { readonly agreed: boolean }];
  /** An answer has made {@link Listener.isNear} true. */
  near: [];
  /** A handoff that got no answer, or a pack whose weights are too large to listen with. The stream continues. */
  fault: [error: WakegateError];
  /** A handoff that the classifier had no room for: a keyword in it may have been missed. */
  dropped: [dropped: DroppedHandoff];
}

/** A handoff that was never looked at, because newer ones filled the classifier's queue. */
export interface DroppedHandoff {
  readonly streamId: number;
  /** Sample number at the end of its window. */
  readonly sample: number;
  /** How many this stream has lost so far, with this one. */
  readonly count: number;
}

export interface ListenerOptions {
  readonly pack: ModelPack;
  /** Of the same pack. Many listeners may share one. */
  readonly classifier: Pick<HandoffClassifier, 'classify' | 'look' | 'ready'> &
    Partial<Pick<HandoffClassifier, 'hasRoom'>>;
  /** Keeps the account of what listening costs; by default one of its own. */
  readonly meter?: EnergyMeter;
  readonly streamId?: number;
  /**
   * The sound comes as it is made, from a microphone. While a keyword may be coming, handoffs in between spare their positions a wait of
   * 80 ms. Answers say whether one may be coming, so now and then the gate shuts after a position that would not have been judged
   * otherwise: what is found in a file, which is to be the same each time, does without. False by default.
   */
  readonly live?: boolean;
  /** `off` hands every window over: the always-on baseline, without a level gate either. */
  readonly gate?: 'on' | 'off';
  /** `off` makes frames of hops at the noise floor too. */
  readonly levelGate?: 'on' | 'off';
  /** What computes the MFCCs; `meyda` needs the package of that name. */
  readonly mfcc?: ExtractorName;
  /** `off` tells what the classifier detects at once, though the pack has a second look. */
  readonly secondLook?: 'on' | 'off';
}

/** What has gone through a listener since it was made. */
export interface ListenerAccount {
  readonly samples: number;
  readonly steps: number;
  /** Steps that passed the gate. */
  readonly passed: number;
  readonly openings: number;
  readonly open: boolean;
  /** P(signal of interest): newest and highest. */
  readonly score: number;
  readonly maxScore: number;
  readonly handoffs: { readonly count: number; readonly bytes: number; readonly denseBytes: number };
  /** Handoffs that the classifier had no room for. */
  readonly dropped: number;
  /** Second looks, and those that did not agree. */
  readonly looks: { readonly count: number; readonly refused: number };
  /** Highest smoothed posterior of each keyword. */
  readonly scores: Readonly<Record<string, number>>;
  /** Highest score of each keyword after a second look; null without one. */
  readonly joinedScores: Readonly<Record<string, number>> | null;
}

/** What is remembered of a handoff until its answer comes. */
interface Sent {
  readonly bytes: number;
  /** Sample number at the end of its window. */
  readonly endSample: number;
  /** Sample number at which its stream began. */
  readonly begin: number;
  readonly opening: { handoffs: number; bytes: number; cpuMs: number };
  /** What a second look would hear; null without one. */
  readonly sound: HeldSound | null;
}

const FRAMES_PER_STEP = 2;
/** Frames that are worked on at a time. */
const BLOCK_FRAMES = 50;
/** The level gate stays open this long after the last loud hop: 1 s. */
const LEVEL_HOLD_HOPS = 50;
/** Handoffs of one stream that may wait for their answers, where its caller is faster than sound. */
const MOST_UNANSWERED = 32;
/** Silence after the end of a file, so that a word that ends with it is followed by all that a detection waits for. */
export const TAIL_MS = 800;

/**
 * One stream on its way through the house: samples -> frames -> gated front -> handoff -> classifier -> detector.
 * `push` is synchronous and allocates nothing while the gate is shut; answers of the classifier come in later, in
 * order. Many listeners may share one classifier.
 *
 * Programs that only want detections use `KeywordSpotter`, which does all of this. Here you number the samples, give
 * them at 16 kHz, and await {@link ready} before each push: without it, a source that is faster than sound fills the
 * classifier's queue, and its oldest handoffs are dropped, each with a `dropped` event.
 *
 * @example
 * const pack = await readPack(await resolvePack('wake-words-en'));
 * const classifier = new Classifier({ pack });
 * const listener = new Listener({ pack, classifier });
 * listener.on('detection', ({ keyword, score }) => console.log(keyword, score));
 * listener.on('dropped', ({ sample }) => console.warn('not looked at: the window that ends with sample', sample));
 * listener.on('fault', (error) => console.error(error.message));
 * for await (const { samples, startSample } of new FileSource('samples/demo.wav')) {
 *   await listener.ready();
 *   listener.push(samples, startSample);
 * }
 * await listener.finish();
 * await classifier.close();
 */
export class Listener extends EventEmitter<ListenerEvents> {
  /**
   * Called at every step that the front half has computed, while it is set, with the gate's score and the number of the
   * sample after the step. Steps at the noise floor are skipped.
   */
  onStep: ((score: number, endSample: number) => void) | null = null;

  readonly #pack: ModelPack;
  readonly #classifier: ListenerOptions['classifier'];
  readonly #meter: EnergyMeter;
  readonly #streamId: number;
  readonly #isLive: boolean;
  readonly #alwaysOpen: boolean;

  readonly #level: LevelGate | null;
  readonly #frames: FrameStream;
  readonly #front: GatedFront;
  readonly #encoder: HandoffEncoder;
  readonly #judge: Judge<Sent>;
  readonly #secondLook: SecondLookStage | null;
  readonly #features: StageMeter;
  readonly #gate: StageMeter;
  readonly #handoff: StageMeter;

  /** [BLOCK_FRAMES, coefficients] */
  readonly #block: Float32Array;
  /** [windowSteps, channels] */
  readonly #window: Uint8Array;
  readonly #stepSamples: number;

  /** Sample number that the next push begins at, if there is no gap. */
  #nextSample = 0;
  /** Sample number at which step 0 would begin, given the last reset. */
  #origin = 0;
  /** Sample number at which the stream last began. */
  #begin = 0;
  #lastHandoff = Number.NEGATIVE_INFINITY;
  /** A new one at each opening of the gate, so that late answers are booked where they belong. */
  #opening = { handoffs: 0, bytes: 0, cpuMs: 0 };
  #unanswered = 0;
  #allAnswered: (() => void)[] = [];
  #fewUnanswered: (() => void)[] = [];

  #samples = 0;
  #steps = 0;
  #passed = 0;
  #openings = 0;
  #wasOpen = false;
  #lastingFault: WakegateError | null = null;
  #maxScore = 0;
  #handoffs = 0;
  #bytes = 0;
  #dropped = 0;

  /**
   * @throws WakegateError WG_USAGE where there is no pack or no classifier; WG_BACKEND_UNAVAILABLE where `mfcc` is
   *   `meyda` and that package is not installed
   */
  constructor(options: ListenerOptions) {
    super();
    checkOptions(options);
    const {
      pack,
      classifier,
      streamId = 0,
      live = false,
      gate = 'on',
      levelGate = 'on',
      mfcc = 'fast',
    } = options;
    const meter = options.meter ?? new EnergyMeter();
    if (meter.hopSteps === null) meter.handOverEvery(pack.handoff.hopSteps);
    this.#pack = pack;
    this.#classifier = classifier;
    this.#meter = meter;
    this.#streamId = streamId;
    this.#isLive = live;
    this.#alwaysOpen = gate === 'off';
    this.#level = gate === 'on' && levelGate === 'on' ? new LevelGate(LEVEL_HOLD_HOPS) : null;
    this.#frames = new FrameStream(pack.features, this.#level, openExtractor(mfcc, pack.features));
    this.#front = new GatedFront(pack);
    this.#encoder = new HandoffEncoder(pack.compression, pack.fingerprint, pack.handoff.windowSteps);
    this.#stepSamples = FRAMES_PER_STEP * pack.features.hopSamples;
    this.#secondLook =
      pack.secondLook && options.secondLook !== 'off'
        ? new SecondLookStage(pack, pack.secondLook, classifier, meter, this.#stepSamples)
        : null;
    this.#judge = this.#openJudge();
    this.#features = meter.stage('features');
    this.#gate = meter.stage('gate');
    this.#handoff = meter.stage('handoff');
    this.#block = new Float32Array(BLOCK_FRAMES * pack.features.coefficients);
    this.#window = new Uint8Array(pack.handoff.windowSteps * pack.compression.channels);
  }

  /**
   * Takes the next samples of the stream.
   * @param samples 16 kHz mono; not kept
   * @param startSample number of the first one; where it is not the one that was due, the stream starts over there
   * @throws WakegateError WG_USAGE for samples of another type, or a start that is not a sample number
   */
  push(samples: Int16Array, startSample: number): void {
    checkPush(samples, startSample);
    if (startSample !== this.#nextSample) this.#restart(startSample);
    this.#nextSample = startSample + samples.length;
    this.#samples += samples.length;
    this.#work(samples);
  }

  /** Samples in a step. */
  get stepSamples(): number {
    return this.#stepSamples;
  }

  /** Whether the gate is open. */
  get isOpen(): boolean {
    return this.#wasOpen;
  }

  /** Whether the gate is open, and the classifier's newest answer is on the way to a detection. */
  get isNear(): boolean {
    return this.#wasOpen && this.#judge.detector.near;
  }

  /** The gate's newest score, as a share of the score that opens it; 0 while steps are skipped. */
  get nearness(): number {
    return this.#front.score / this.#pack.gate.threshold;
  }

  /** Whether all is at the noise floor, and has been for a second: nothing is missed by looking less often. */
  get quiet(): boolean {
    return this.#level !== null && !this.#level.open;
  }

  /**
   * Resolves when the classifier has room, and does not have much of this stream to answer. A caller that is faster
   * than sound, and must lose nothing nor keep other streams waiting, awaits it.
   */
  async ready(): Promise<void> {
    if (this.#unanswered >= MOST_UNANSWERED) {
      await new Promise<void>((resolve) => this.#fewUnanswered.push(resolve));
    }
    await this.#classifier.ready();
  }

  /** Whether {@link ready} would resolve at once: asked first, it saves what waiting costs. */
  get hasRoom(): boolean {
    return this.#unanswered < MOST_UNANSWERED && this.#classifier.hasRoom === true;
  }

  /** Resolves when every handoff so far has its answer, and its detections have been emitted. */
  async settled(): Promise<void> {
    if (this.#unanswered > 0) await new Promise<void>((resolve) => this.#allAnswered.push(resolve));
  }

  /** Ends the stream: a tail of silence, then all answers that are still to come. */
  async finish(): Promise<void> {
    this.#work(new Int16Array((this.#pack.features.sampleRate * TAIL_MS) / 1000));
    this.#nextSample = Number.NaN;
    await this.settled();
  }

  /**
   * Changes how a keyword is detected, from its next position on.
   *
   * @throws WakegateError WG_USAGE for a keyword that the pack has not, or values that cannot be
   */
  setKeyword({ name, threshold, patience, enabled = true }: KeywordSettings): void {
    const { detector } = this.#judge;
    detector.setThreshold(name, threshold);
    detector.setPatience(name, patience);
    detector.setEnabled(name, enabled);
  }

  account(): ListenerAccount {
    return {
      samples: this.#samples,
      steps: this.#steps + Math.floor(this.#frames.waiting / FRAMES_PER_STEP),
      passed: this.#passed,
      openings: this.#openings,
      open: this.#wasOpen,
      score: this.#front.score,
      maxScore: this.#maxScore,
      handoffs: {
        count: this.#handoffs,
        bytes: this.#bytes,
        denseBytes: this.#handoffs * this.#window.length * Float32Array.BYTES_PER_ELEMENT,
      },
      dropped: this.#dropped,
      looks: this.#judge.looks,
      scores: this.#byKeyword(this.#judge.detector.maxScores),
      joinedScores: this.#secondLook && this.#byKeyword(this.#secondLook.maxScores),
    };
  }

  #byKeyword(scores: ArrayLike<number>): Record<string, number> {
    return Object.fromEntries(this.#pack.keywords.map(({ name }, k) => [name, scores[k]]));
  }

  #openJudge(): Judge<Sent> {
    const { keywords, detector, features, back } = this.#pack;
    const { positions, positionSteps } = back;
    return new Judge(
      new Detector(keywords, detector, features.sampleRate, this.#secondLook?.keywords),
      this.#secondLook,
      { positions, classes: keywords.length + 1, spacing: positionSteps * this.#stepSamples },
      {
        onPosition: (sample, scores) => {
          if (this.listenerCount('position') > 0) this.emit('position', { sample, scores });
        },
        onDetection: ({ keyword, score, sample }, verdict, { opening }) =>
          this.emit('detection', {
            streamId: this.#streamId,
            keyword,
            score: verdict?.score ?? score,
            secondLook: verdict && { posterior: verdict.posterior, second: verdict.second },
            sample,
            cost: { ...opening, ...this.#meter.priceOf(opening.cpuMs) },
          }),
        onVerdict: (verdict, agreed, { opening }) => {
          opening.cpuMs += verdict.cpuMs;
          this.emit('secondLook', { ...verdict, agreed });
        },
        onFault: (error) =>
          this.emit('fault', asWakegateError(error, 'WG_CLASSIFIER_FAILED', 'a second look got no answer')),
        onLooking: (looking) => {
          if (looking) this.#unanswered++;
          else this.#answeredOne();
        },
      },
    );
  }

  #restart(startSample: number): void {
    this.#skip(Math.floor(this.#frames.waiting / FRAMES_PER_STEP));
    this.#frames.reset();
    this.#secondLook?.restart(startSample);
    this.#front.reset(this.#front.step + 1);
    this.#begin = startSample;
    this.#origin = startSample - this.#stepSamples * (this.#front.step + 1);
    this.#lastHandoff = Number.NEGATIVE_INFINITY;
    if (this.#wasOpen) this.#turn(false);
  }

  #work(samples: Int16Array): void {
    const { coefficients, hopSamples, macsPerFrame } = this.#frames;
    for (let at = 0; at < samples.length || this.#frames.ready; ) {
      const hops = this.#frames.framesFor(Math.min(samples.length - at, BLOCK_FRAMES * hopSamples));
      this.#features.begin(Math.max(1, hops));
      const count = this.#frames.push(samples, at, this.#block);
      const { taken, skipped } = this.#frames;
      this.#features.end(
        count * macsPerFrame,
        2 * taken,
        count * coefficients * Float32Array.BYTES_PER_ELEMENT,
      );
      this.#secondLook?.hear(samples, at, at + taken);
      at += taken;
      if (skipped > 0) this.#skip(skipped / FRAMES_PER_STEP);
      if (count > 0) this.#listen(count);
    }
    // It has shut by then, though the rest of the skipped steps are counted with the next sound.
    if (this.#wasOpen) this.#skip(this.#frames.giveUp() / FRAMES_PER_STEP);
  }

  /** Steps at the noise floor, which no part of the network has seen. The first of them shuts the gate. */
  #skip(steps: number): void {
    if (steps === 0) return;
    const shut = this.#wasOpen ? 1 : 0;
    this.#front.skip(shut);
    if (shut) this.#turn(false);
    this.#front.skip(steps - shut);
    this.#steps += steps;
    this.#meter.heard(steps);
  }

  /** Why nothing that comes can be heard, which no later answer changes; null where it can. */
  get lastingFault(): WakegateError | null {
    return this.#lastingFault;
  }

  /** Front half and gate over the frames in `#block`. */
  #listen(count: number): void {
    const { coefficients } = this.#frames;
    const front = this.#front;
    let steps = 0;
    this.#gate.begin(count);
    for (let frame = 0; frame < count; frame++) {
      if (!front.push(this.#block, frame * coefficients)) continue;
      steps++;
      if (this.onStep !== null) this.onStep(front.score, this.#endOf(front.step));
      if (front.score > this.#maxScore) this.#maxScore = front.score;
      if (front.overflowed && this.#lastingFault === null) this.#reportOverflow();
      const open = front.open || this.#alwaysOpen;
      if (open !== this.#wasOpen) this.#turn(open);
      if (!open) continue;
      this.#passed++;
      const since = front.step - this.#lastHandoff;
      if (since >= this.#pack.handoff.hopSteps) {
        this.#lastHandoff = front.step;
        this.#handOver();
      } else if (this.#isLive && this.isNear && since % this.#pack.back.positionSteps === 0) this.#handOver();
    }
    const bytes = Float32Array.BYTES_PER_ELEMENT;
    this.#gate.end(
      steps * front.macsPerStep,
      count * coefficients * bytes,
      steps * this.#pack.compression.channels,
    );
    this.#steps += steps;
    this.#meter.heard(steps);
  }

  #reportOverflow(): void {
    const { name } = this.#pack;
    const sentence = `the gate of model pack "${name}" gives no number: its weights are too large, train or copy it again`;
    this.#lastingFault = new WakegateError('WG_MODEL_INVALID', sentence);
    this.emit('fault', this.#lastingFault);
  }

  #turn(open: boolean): void {
    this.#wasOpen = open;
    if (open) {
      this.#openings++;
      this.#opening = { handoffs: 0, bytes: 0, cpuMs: 0 };
    }
    this.emit('gate', { open, score: this.#front.score, sample: this.#endOf(this.#front.step) });
  }

  #handOver(): void {
    const { step } = this.#front;
    this.#handoff.begin(1);
    this.#front.copyWindow(this.#window);
    const header = { streamId: this.#streamId, step, endSample: this.#endOf(step) };
    const message = this.#encoder.encode(header, this.#window);
    this.#handoff.end(0, this.#window.length, message.length);
    this.#handoffs++;
    this.#bytes += message.length;
    const opening = this.#opening;
    opening.handoffs++;
    opening.bytes += message.length;
    const sound = this.#secondLook?.soundBefore(header.endSample) ?? null;
    const sent = { bytes: message.length, endSample: header.endSample, begin: this.#begin, opening, sound };
    this.#unanswered++;
    this.#classifier
      .classify(message)
      .then(
        (answer) => (answer ? this.#heard(answer, sent) : this.#drop(sent)),
        (error: unknown) =>
          this.emit('fault', asWakegateError(error, 'WG_CLASSIFIER_FAILED', 'a handoff got no answer')),
      )
      .finally(() => this.#answeredOne());
  }

  #answeredOne(): void {
    this.#unanswered--;
    if (this.#unanswered <= MOST_UNANSWERED / 2) {
      for (const resolve of this.#fewUnanswered.splice(0)) resolve();
    }
    if (this.#unanswered > 0) return;
    for (const resolve of this.#allAnswered.splice(0)) resolve();
  }

  #drop({ endSample }: Sent): void {
    this.#dropped++;
    this.emit('dropped', { streamId: this.#streamId, sample: endSample, count: this.#dropped });
  }

  #heard(answer: CostedClassification, sent: Sent): void {
    sent.opening.cpuMs += answer.cpuMs;
    this.#meter.add('classifier', {
      calls: 1,
      cpuMs: answer.cpuMs,
      macs: this.#pack.back.macs,
      bytesIn: sent.bytes,
      bytesOut: answer.posteriors.byteLength,
    });
    const wasNear = this.isNear;
    this.#judge.push({ answer, begin: sent.begin, sound: sent.sound, sent });
    if (this.isNear && !wasNear) this.emit('near');
  }

  /** Sample number at the end of a step. */
  #endOf(step: number): number {
    return this.#origin + (step + 1) * this.#stepSamples;
  }
}

/** In programs that no compiler checks, these are the mistakes that would otherwise be heard as silence. */
function checkOptions({ pack, classifier }: Partial<ListenerOptions> = {}): void {
  if (pack !== undefined && classifier !== undefined) return;
  const missing =
    pack === undefined ? 'pack: read one with readPack' : 'classifier: make one of the same pack';
  throw new WakegateError(
    'WG_USAGE',
    `a Listener needs a ${missing}, or use KeywordSpotter, which does it all`,
  );
}

function checkPush(samples: unknown, startSample: unknown): void {
  const type = (samples as Int16Array | undefined)?.[Symbol.toStringTag] ?? typeof samples;
  if (type !== 'Int16Array') {
    throw new WakegateError(
      'WG_USAGE',
      `Listener.push takes an Int16Array of 16 kHz mono samples, and got ${type}: convert it, or use KeywordSpotter, ` +
        'which takes other types and rates',
    );
  }
  if (Number.isSafeInteger(startSample)) return;
  throw new WakegateError(
    'WG_USAGE',
    `Listener.push takes the number of the first sample, and got ${startSample}: count the samples that you have ` +
      'pushed, from 0',
  );
}

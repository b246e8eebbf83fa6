import { EventEmitter } from 'node:events';
import type { StateChange } from '../classifier/index.js';
import type { EnergyMeter } from '../energy/index.js';
import { WakegateError } from '../errors.js';
import type { Detection, ListenerEvents } from '../pipeline.js';
import type { LoadedPack } from './loaded-pack.js';

export interface SwitchingListenerEvents
  extends Pick<ListenerEvents, 'detection' | 'gate' | 'near' | 'fault' | 'dropped'> {
  /** Of the classifier. */
  state: [change: StateChange];
  /** Another model pack is listened with from now on. */
  changed: [loaded: LoadedPack];
}

/** What a pack has detected. */
interface Heard {
  /** Before it takes over: what waits until then. Null afterwards. */
  waiting: Detection[] | null;
  /** Sample number from which on it is the one that detects. */
  from: number;
}

/** A pack that is to take over, and the promise that waits for it. */
interface Next {
  readonly loaded: LoadedPack;
  readonly heard: Heard;
  readonly resolve: () => void;
  readonly reject: (error: WakegateError) => void;
}

/**
 * Listens to the daemon's input with one pack at a time. Another one listens along until it judges as if it always had,
 * and takes over then: every word is heard as a whole by one of them, and no chunk by none.
 */
export class SwitchingListener extends EventEmitter<SwitchingListenerEvents> {
  readonly #meter: EnergyMeter;
  #current: LoadedPack;
  #next: Next | null = null;
  /** Number that the next sample will have, if there is no gap. */
  #nextSample = 0;
  /** Of the newest detection: when it was, and how long no other of its keyword may follow. */
  #last: { readonly keyword: string; readonly sample: number; readonly refractorySamples: number } | null =
    null;

  constructor(loaded: LoadedPack, meter: EnergyMeter) {
    super();
    this.#meter = meter;
    this.#current = loaded;
    this.#hear(loaded).waiting = null;
    this.#connect(loaded);
  }

  /** The pack that is listened with now. */
  get current(): LoadedPack {
    return this.#current;
  }

  /** As {@link Listener.push}. */
  push(samples: Int16Array, startSample: number): void {
    this.#nextSample = startSample + samples.length;
    this.#current.listener.push(samples, startSample);
    if (this.#next === null) return;
    const { loaded } = this.#next;
    loaded.listener.push(samples, startSample);
    // What the current one has heard but not handed over yet, it never will: from there on the other one detects.
    const { handoffSamples } = this.#current;
    if (loaded.listener.account().samples >= loaded.warmUpSamples + handoffSamples)
      this.#takeOver(this.#nextSample - handoffSamples);
  }

  /** As {@link Listener.quiet}. */
  get quiet(): boolean {
    return this.#current.listener.quiet && this.#next === null;
  }

  /** As {@link Listener.nearness}. */
  get nearness(): number {
    return this.#current.listener.nearness;
  }

  /** As {@link Listener.isOpen}; open while another one listens along. */
  get isOpen(): boolean {
    return this.#current.listener.isOpen || this.#next !== null;
  }

  /** As {@link Listener.isNear}. */
  get isNear(): boolean {
    return this.#current.listener.isNear;
  }

  /** As {@link Listener.ready}. */
  ready(): Promise<void> {
    return this.#current.classifier.ready();
  }

  /** As {@link Listener.finish}. */
  async finish(): Promise<void> {
    await this.#current.listener.finish();
    this.silence();
  }

  /** No sound comes for now, so that there is nothing to listen along to. */
  silence(): void {
    if (this.#next) this.#takeOver(this.#nextSample);
  }

  /**
   * Resolves when `loaded` has taken over.
   *
   * @param isSounding whether sound comes
   * @throws WakegateError WG_CLASSIFIER_CLOSED
   */
  switchTo(loaded: LoadedPack, isSounding: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#next = { loaded, heard: this.#hear(loaded), resolve, reject };
      if (!isSounding) this.#takeOver(this.#nextSample);
    });
  }

  async close(): Promise<void> {
    const next = this.#next;
    this.#next = null;
    next?.reject(new WakegateError('WG_CLASSIFIER_CLOSED', 'the daemon is stopping'));
    await Promise.all([this.#current.classifier.close(), next?.loaded.classifier.close()]);
  }

  /** @param from sample number from which on the other pack is the one that detects */
  #takeOver(from: number): void {
    const { loaded, heard, resolve } = this.#next!;
    const before = this.#current;
    this.#next = null;
    this.#current = loaded;
    // What both have heard was heard once.
    const { steps, open, score } = loaded.listener.account();
    this.#meter.heard(-steps);
    this.#meter.handOverEvery(loaded.pack.handoff.hopSteps);
    const wasOpen = before.listener.account().open;
    const previous = before.classifier.status().state;
    this.#connect(loaded);
    if (open !== wasOpen) this.emit('gate', { open, score, sample: this.#nextSample });
    const { state } = loaded.classifier.status();
    if (state !== previous) this.emit('state', { state, previous, reason: 'of another model pack' });
    this.emit('changed', loaded);
    const waiting = heard.waiting!;
    Object.assign(heard, { waiting: null, from });
    for (const detection of waiting) this.#report(detection, heard, loaded);
    // Detections that are still to come of what it has heard are still reported.
    before.listener.settled().then(() => before.release());
    resolve();
  }

  #hear(loaded: LoadedPack): Heard {
    const heard: Heard = { waiting: [], from: Number.NEGATIVE_INFINITY };
    loaded.listener.on('detection', (detection) => {
      if (heard.waiting) heard.waiting.push(detection);
      else this.#report(detection, heard, loaded);
    });
    return heard;
  }

  #connect(loaded: LoadedPack): void {
    const { listener, classifier } = loaded;
    const isCurrent = () => loaded === this.#current;
    listener.on('gate', (change) => isCurrent() && this.emit('gate', change));
    listener.on('near', () => isCurrent() && this.emit('near'));
    listener.on('fault', (fault) => isCurrent() && this.emit('fault', fault));
    listener.on('dropped', (dropped) => isCurrent() && this.emit('dropped', dropped));
    classifier.on('state', (change) => isCurrent() && this.emit('state', change));
    classifier.on('cost', ({ wakeCpuMs }) => {
      // What handoffs cost is booked where they are answered.
      this.#meter.add('classifier', { calls: 0, cpuMs: wakeCpuMs, macs: 0, bytesIn: 0, bytesOut: 0 });
    });
  }

  #report(detection: Detection, { from }: Heard, { pack }: LoadedPack): void {
    const { keyword, sample } = detection;
    if (sample <= from || this.#isRepeated(detection)) return;
    this.#last = { keyword, sample, refractorySamples: 16 * pack.detector.refractoryMs };
    this.emit('detection', detection);
  }

  /** Whether the pack before has reported the same word. A pack itself never does so twice. */
  #isRepeated({ keyword, sample }: Detection): boolean {
    const last = this.#last;
    return last?.keyword === keyword && Math.abs(sample - last.sample) < last.refractorySamples;
  }
}

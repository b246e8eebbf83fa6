import type { HandoffClassifier } from '../classifier/index.js';
import type { EnergyMeter } from '../energy/index.js';

/** Measuring is itself a part of what a chunk costs: after the first ones, one of so many is measured. */
const MEASURED_OF = 4;

/**
 * Books what it costs to get audio in. That work is spread over callbacks of streams and timers, so it is
 * taken to be all CPU time of the process from the end of one chunk's processing to the arrival of the
 * next. What else was done there, such as answering requests, is in it: an upper bound. Not every chunk is measured, nor any while the
 * classifier is awake, whose thread would be in it as well: the mean of those that were is booked for the others.
 */
export class CaptureCost {
  readonly #meter: EnergyMeter;
  readonly #classifier: Pick<HandoffClassifier, 'status'>;
  #start: NodeJS.CpuUsage | null = null;
  #measuredMs = 0;
  #measured = 0;
  /** Chunks since one was measured. */
  #passed = 0;

  constructor(meter: EnergyMeter, classifier: Pick<HandoffClassifier, 'status'>) {
    this.#meter = meter;
    this.#classifier = classifier;
  }

  /** To be called when a chunk has come, before anything is done with it. */
  arrived(bytes: number): void {
    let cpuMs = this.#measured === 0 ? 0 : this.#measuredMs / this.#measured;
    if (this.#start !== null && this.#isAsleep()) {
      const { user, system } = process.cpuUsage(this.#start);
      cpuMs = (user + system) / 1000;
      this.#measuredMs += cpuMs;
      this.#measured++;
      this.#passed = 0;
    }
    this.#meter.add('capture', { calls: 1, cpuMs, macs: 0, bytesIn: bytes, bytesOut: bytes });
  }

  /** To be called when all that is to be done with a chunk is done. */
  processed(): void {
    this.#start = null;
    this.#passed++;
    if (this.#measured >= MEASURED_OF && this.#passed < MEASURED_OF) return;
    if (this.#isAsleep()) this.#start = process.cpuUsage();
  }

  #isAsleep(): boolean {
    return this.#classifier.status().state === 'asleep';
  }
}

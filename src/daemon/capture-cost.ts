import type { HandoffClassifier } from '../classifier/index.js';
import type { EnergyMeter } from '../energy/index.js';

/**
 * Books what it costs to get audio in. That work is spread over callbacks of streams and timers, so it is
 * taken to be all CPU time of the process from the end of one chunk's processing to the arrival of the
 * next. What else was done there, such as answering requests, is in it: an upper bound. While the
 * classifier is awake its thread is in it as well, and the mean of the chunks before is booked instead.
 */
export class CaptureCost {
  readonly #meter: EnergyMeter;
  readonly #classifier: Pick<HandoffClassifier, 'status'>;
  #start: NodeJS.CpuUsage | null = null;
  #measuredMs = 0;
  #measured = 0;

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
    }
    this.#meter.add('capture', { calls: 1, cpuMs, macs: 0, bytesIn: bytes, bytesOut: bytes });
  }

  /** To be called when all that is to be done with a chunk is done. */
  processed(): void {
    this.#start = this.#isAsleep() ? process.cpuUsage() : null;
  }

  #isAsleep(): boolean {
    return this.#classifier.status().state === 'asleep';
  }
}

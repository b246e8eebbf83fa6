import type { Outgoing } from '../../broker/index.js';
import type { Service } from '../../service.js';
import type { Topics } from './topics.js';

const MJ_PER_WH = 3.6e6;

/** States of the input, in Home Assistant's words: `restored` is listening again. */
export const STATES = ['listening', 'muted', 'lost', 'opening', 'ended'] as const;

/** What is retained on the broker about the daemon, and what of it has changed since it was last sent. */
export class States {
  readonly #service: Service;
  readonly #topics: Topics;
  readonly #sent = new Map<string, string>();
  #energyMj = 0;
  #keyword: string | null = null;

  constructor(service: Service, topics: Topics) {
    this.#service = service;
    this.#topics = topics;
  }

  /** The broker may know nothing any more: everything is changed. */
  forget(): void {
    this.#sent.clear();
  }

  /** What has changed of all but the figures that change all the time. What is of a keyword that is gone is removed. */
  changed(): Outgoing[] {
    const now = this.#now();
    const gone = [...this.#sent.keys()].filter((topic) => this.isGone(topic) && this.#sent.get(topic) !== '');
    return this.#changedOf(new Map([...now, ...gone.map((topic) => [topic, ''] as const)]));
  }

  /** Whether it is a topic of a keyword that is not listened for any more. */
  isGone(topic: string): boolean {
    const keyword = this.#topics.keywordSetBy(`${topic}/set`);
    return keyword !== null && !this.#service.keywords().some(({ name }) => name === keyword);
  }

  /** Says that something of an earlier run is retained there. */
  found(topic: string): void {
    if (!this.#sent.has(topic)) this.#sent.set(topic, 'of an earlier run');
  }

  /** What has changed of those figures. */
  changedStats(): Outgoing[] {
    return this.#changedOf(new Map([[this.#topics.stats, JSON.stringify(this.#stats())]]));
  }

  /** The last keyword was this one. */
  heard(keyword: string): void {
    this.#keyword = keyword;
  }

  #changedOf(payloads: ReadonlyMap<string, string>): Outgoing[] {
    const changed: Outgoing[] = [];
    for (const [topic, payload] of payloads) {
      if (this.#sent.get(topic) === payload) continue;
      this.#sent.set(topic, payload);
      changed.push({ topic, payload, retain: true, replaces: true });
    }
    return changed;
  }

  #now(): Map<string, string> {
    const topics = this.#topics;
    const { input, keywords, problems } = this.#service.status();
    // That a microphone is being opened lasts a moment at each start, and is no problem yet.
    const notReady = input.state === 'opening' ? null : this.#service.notReady();
    // Not of the connection that this is sent over.
    const others = problems.filter(({ part }) => part !== 'mqtt').map(({ problem }) => problem);
    const reasons = notReady === null ? others : [notReady, ...others];
    return new Map([
      [topics.state, input.state === 'restored' ? 'listening' : input.state],
      [topics.mute, input.state === 'muted' ? 'ON' : 'OFF'],
      [topics.problem, JSON.stringify({ problem: reasons.length > 0, reasons })],
      ...(this.#keyword === null ? [] : [[topics.keyword, this.#keyword] as const]),
      ...keywords.map(({ name, threshold }) => [topics.threshold(name), String(threshold)] as const),
    ]);
  }

  #stats(): object {
    const { gate } = this.#service.status();
    const { total } = this.#service.energy();
    // A counter that went back a little would be one that was set back to Home Assistant; a reset goes back by more.
    if (total.energyMj > this.#energyMj || total.energyMj < 0.9 * this.#energyMj)
      this.#energyMj = total.energyMj;
    return {
      stopped: gate.stopRate === null ? null : Math.round(gate.stopRate * 1000) / 10,
      energyWh: Number((this.#energyMj / MJ_PER_WH).toPrecision(6)),
      basis: total.basis,
    };
  }
}

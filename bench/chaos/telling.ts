import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosDaemon } from './chaos-daemon.js';

/** Where a fault has to be told. */
const PLACES = ['the log', '/readyz', 'an event', 'systemd'] as const;
type Place = (typeof PLACES)[number];

/** Watches from now on whether the daemon says something, in each of the four places. */
export class Telling {
  readonly #daemon: ChaosDaemon;
  readonly #says: RegExp;
  readonly #untold = new Set<Place>(PLACES);
  #isOver = false;

  constructor(daemon: ChaosDaemon, says: RegExp) {
    this.#daemon = daemon;
    this.#says = says;
    void this.#watch();
  }

  /** Waits until it is told everywhere, as long as that may take. @returns where it was not, and where it was */
  async within(seconds: number): Promise<Record<string, boolean>> {
    for (const endMs = performance.now() + seconds * 1000; performance.now() < endMs; await sleep(100)) {
      if (this.#untold.size === 0) break;
    }
    this.#isOver = true;
    return Object.fromEntries(PLACES.map((place) => [`${this.#says} in ${place}`, !this.#untold.has(place)]));
  }

  async #watch(): Promise<void> {
    const { messages, url } = this.#daemon;
    for (; !this.#isOver && this.#untold.size > 0; await sleep(250)) {
      this.#look('the log', () => this.#daemon.log());
      this.#look('systemd', () =>
        this.#daemon
          .notified()
          .filter((line) => line.startsWith('STATUS='))
          .join('\n'),
      );
      this.#look('an event', () =>
        messages
          .map((message) =>
            message.type === 'problem' ? message.problem : message.type === 'input' ? message.reason : '',
          )
          .join('\n'),
      );
      const ready = await fetch(`${url}/readyz`)
        .then((answer) => answer.text())
        .catch(() => '');
      this.#look('/readyz', () => ready);
    }
  }

  #look(place: Place, shown: () => string): void {
    if (this.#untold.has(place) && this.#says.test(shown())) this.#untold.delete(place);
  }
}

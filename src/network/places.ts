import { WakegateError } from '../errors.js';
import { clientOf, isLoopback } from './address.js';

/**
 * What only so many may do at a time. Half of the places are as many as one address of another machine gets; programs
 * on this machine, a proxy among them, may have all.
 */
export class Places {
  readonly #total: number;
  readonly #what: string;
  readonly #perClient = new Map<string, number>();
  #taken = 0;

  /** @param what is being done with the places, in the plural: `bodies are being listened to` */
  constructor(total: number, what: string) {
    this.#total = total;
    this.#what = what;
  }

  /**
   * @param remoteAddress of the socket of who asks
   * @throws WakegateError WG_BUSY where there is none for them
   */
  check(remoteAddress: string | undefined): void {
    const address = clientOf(remoteAddress ?? '');
    const mostOfOne = isLoopback(address) ? this.#total : this.#total / 2;
    if (this.#taken >= this.#total) throw busy(`${this.#total} ${this.#what}`);
    if ((this.#perClient.get(address) ?? 0) >= mostOfOne) {
      throw busy(`${mostOfOne} ${this.#what} for ${address}`);
    }
  }

  /**
   * Takes one, until what is returned is called, once or more.
   *
   * @param remoteAddress of the socket of who asks
   * @throws WakegateError WG_BUSY where there is none for them
   */
  take(remoteAddress: string | undefined): () => void {
    this.check(remoteAddress);
    const address = clientOf(remoteAddress ?? '');
    this.#count(address, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#count(address, -1);
      isTaken = false;
    };
  }

  #count(address: string, by: 1 | -1): void {
    const count = (this.#perClient.get(address) ?? 0) + by;
    this.#taken += by;
    if (count === 0) this.#perClient.delete(address);
    else this.#perClient.set(address, count);
  }
}

function busy(problem: string): WakegateError {
  return new WakegateError('WG_BUSY', `${problem}: try again later`);
}

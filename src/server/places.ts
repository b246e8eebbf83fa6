import type { FastifyRequest } from 'fastify';
import { WakegateError } from '../errors.js';
import { clientOf } from './connection-limits.js';
import { isLoopback } from './token.js';

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

  /** @throws WakegateError WG_BUSY where there is none for who asks */
  check(request: FastifyRequest): void {
    const address = addressOf(request);
    const mostOfOne = isLoopback(address) ? this.#total : this.#total / 2;
    if (this.#taken >= this.#total) throw busy(`${this.#total} ${this.#what}`);
    if ((this.#perClient.get(address) ?? 0) >= mostOfOne) {
      throw busy(`${mostOfOne} ${this.#what} for ${address}`);
    }
  }

  /**
   * Takes one, until what is returned is called, once or more.
   *
   * @throws WakegateError WG_BUSY where there is none for who asks
   */
  take(request: FastifyRequest): () => void {
    this.check(request);
    const address = addressOf(request);
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

function addressOf({ raw }: FastifyRequest): string {
  return clientOf(raw.socket.remoteAddress ?? '');
}

function busy(problem: string): WakegateError {
  return new WakegateError('WG_BUSY', `${problem}: try again later`);
}

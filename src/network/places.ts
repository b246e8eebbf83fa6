import { WakegateError } from '../errors.js';
import { clientOf, isLoopback } from './address.js';

/** One of them, once taken. */
export interface Place {
  readonly address: string;
  /** To be called once or more. */
  leave(): void;
  /** Whether no use is made of it, so that it goes to the next who finds none. */
  setQuiet(isQuiet: boolean): void;
  giveUp(): void;
}

/**
 * What only so many may do at a time. Half of the places are as many as one address of another machine gets; programs
 * on this machine, a proxy among them, may have all.
 */
export class Places {
  readonly #total: number;
  readonly #what: string;
  readonly #perClient = new Map<string, number>();
  readonly #quiet = new Set<Place>();
  #taken = 0;

  /** @param what is being done with the places, in the plural: `bodies are being listened to` */
  constructor(total: number, what: string) {
    this.#total = total;
    this.#what = what;
  }

  /**
   * Where all are taken, the one that has made no use of its place for the longest time gives it up.
   *
   * @param remoteAddress of the socket of who asks
   * @throws WakegateError WG_BUSY where there is none for them
   */
  check(remoteAddress: string | undefined): void {
    const address = clientOf(remoteAddress ?? '');
    const mostOfOne = isLoopback(address) ? this.#total : this.#total / 2;
    if ((this.#perClient.get(address) ?? 0) >= mostOfOne) {
      if (this.#giveUp((place) => place.address === address)) return;
      throw busy(`${mostOfOne} ${this.#what} for ${address}`);
    }
    if (this.#taken < this.#total || this.#giveUp(() => true)) return;
    throw busy(`${this.#total} ${this.#what}`);
  }

  /**
   * Takes one, until it is left.
   *
   * @param remoteAddress of the socket of who asks
   * @param onGivenUp called when it was given to someone else, while it was quiet
   * @throws WakegateError WG_BUSY where there is none for who asks
   */
  take(remoteAddress: string | undefined, onGivenUp: () => void = () => {}): Place {
    this.check(remoteAddress);
    const address = clientOf(remoteAddress ?? '');
    this.#count(address, 1);
    let isTaken = true;
    const place: Place = {
      address,
      leave: () => {
        this.#quiet.delete(place);
        if (isTaken) this.#count(address, -1);
        isTaken = false;
      },
      setQuiet: (isQuiet) => {
        if (isQuiet && isTaken) this.#quiet.add(place);
        else this.#quiet.delete(place);
      },
      giveUp: () => {
        place.leave();
        onGivenUp();
      },
    };
    return place;
  }

  /** A set has them in the order in which they fell quiet. */
  #giveUp(fits: (place: Place) => boolean): boolean {
    const place = [...this.#quiet].find(fits);
    place?.giveUp();
    return place !== undefined;
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

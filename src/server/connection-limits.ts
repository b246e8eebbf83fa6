import { isLoopback } from '../network/index.js';

export interface ConnectionLimits {
  /** Connections at a time, of everyone. */
  readonly total: number;
  /** Of these, for those that do something; the others are there to be answered that there is no room. */
  readonly busy: number;
  /** Connections that do something, of one address. */
  busyOf(address: string): number;
}

/** Files that are kept for the daemon itself, its worker's and its recorder's among them: a quarter, in these bounds. */
const LEAST_KEPT = 64;
const MOST_KEPT = 256;
const FEWEST_CONNECTIONS = 16;
/** Of one address: what is left is for all others. A proxy on this machine holds the connections of many. */
const MOST_OF_ONE = 4 / 5;

/**
 * How many connections there may be.
 *
 * @param most of everyone, where the process may open as many files
 * @param mostPerAddress of an address of another machine
 * @param files that the process may have open
 */
export function connectionLimits(most: number, mostPerAddress: number, files: number): ConnectionLimits {
  const kept = Math.min(MOST_KEPT, Math.max(LEAST_KEPT, Math.floor(files / 4)));
  const total = Math.max(FEWEST_CONNECTIONS, Math.min(most, files - kept));
  const busy = total - Math.ceil(total / 64);
  const ofOne = Math.floor(busy * MOST_OF_ONE);
  return {
    total,
    busy,
    busyOf: (address) => (isLoopback(address) ? ofOne : Math.min(ofOne, mostPerAddress)),
  };
}

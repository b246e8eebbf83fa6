import { asWakegateError, WakegateError } from '../errors.js';

/** What the address and the port of a server are set by, for messages. */
export interface PlaceNames {
  readonly host: string;
  readonly port: string;
}

/** Of the Wyoming server. */
export const WYOMING_PLACE: PlaceNames = { host: 'wyomingHost', port: 'wyomingPort' };

/** Why nothing can be served there, and what to do about it. */
export function portError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  names: PlaceNames = { host: '--host', port: '--port' },
): WakegateError {
  const fail = (sentence: string) => new WakegateError('WG_PORT_UNAVAILABLE', sentence, { cause: error });
  switch (error.code) {
    case 'EADDRINUSE':
      return fail(
        `port ${port} of ${host} is taken, perhaps by another wakegate: choose another one with ${names.port}`,
      );
    case 'EACCES':
      return fail(`port ${port} may not be used by this user: choose one from 1024 on with ${names.port}`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(`${host} is no address of this machine: choose another one with ${names.host}`);
    default:
      return asWakegateError(error, 'WG_PORT_UNAVAILABLE', `port ${port} of ${host} cannot be served on`);
  }
}

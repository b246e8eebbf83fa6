import { once } from 'node:events';
import { createServer } from 'node:net';
import { type PlaceNames, portError } from './port-error.js';

/**
 * Serves there for a moment, to see whether that is possible.
 *
 * @throws WakegateError WG_PORT_UNAVAILABLE
 */
export async function checkFree(host: string, port: number, names?: PlaceNames): Promise<void> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    throw portError(error as NodeJS.ErrnoException, host, port, names);
  } finally {
    server.close();
  }
}

/** Whether it was refused because someone serves there already. */
export function isTaken(error: unknown): boolean {
  return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
}

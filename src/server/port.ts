import { once } from 'node:events';
import { createServer } from 'node:net';
import { portError } from '../network/index.js';

const ANSWER_TIMEOUT_MS = 3000;

/**
 * Whether the daemon could serve there.
 *
 * @returns `taken by wakegate` where one does already
 * @throws WakegateError WG_PORT_UNAVAILABLE
 */
export async function checkPort(host: string, port: number): Promise<'free' | 'taken by wakegate'> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
    return 'free';
  } catch (error) {
    const fault = error as NodeJS.ErrnoException;
    if (fault.code === 'EADDRINUSE' && (await isWakegate(host, port))) return 'taken by wakegate';
    throw portError(fault, host, port);
  } finally {
    server.close();
  }
}

/** Known by its answer, which with a token is a refusal. */
async function isWakegate(host: string, port: number): Promise<boolean> {
  const address =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${address}:${port}/readyz`, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const { status, error } = (await answer.json()) as { status?: string; error?: { code?: string } };
    return status === 'ready' || error?.code?.startsWith('WG_') === true;
  } catch {
    return false;
  }
}

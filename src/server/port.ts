import { checkFree, isTaken } from '../network/index.js';

const ANSWER_TIMEOUT_MS = 3000;

/**
 * Whether the daemon could serve there.
 *
 * @returns `taken by wakegate` where one does already
 * @throws WakegateError WG_PORT_UNAVAILABLE
 */
export async function checkPort(host: string, port: number): Promise<'free' | 'taken by wakegate'> {
  try {
    await checkFree(host, port);
    return 'free';
  } catch (error) {
    if (isTaken(error) && (await isWakegate(host, port))) return 'taken by wakegate';
    throw error;
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

import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { WakegateError } from '../../errors.js';
import { decodeText } from '../../read-text.js';

/** How secrets begin that are bytes in base64, as in https://www.standardwebhooks.com */
const PREFIX = 'whsec_';
const LEAST_BYTES = 16;
const MOST_BYTES = 1024;

/**
 * The headers that sign a webhook, as https://www.standardwebhooks.com has them: an HMAC-SHA256 over the id, the time and
 * the body, so that a receiver can refuse what is forged, altered, or sent again by someone else.
 *
 * @param id of the event, the same at every attempt
 * @param timestamp in seconds
 */
export function signatureHeaders(
  secret: Uint8Array | null,
  id: string,
  timestamp: number,
  body: string,
): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp) };
  if (secret === null) return headers;
  const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${digest}` };
}

/**
 * The secret in a file: bytes in base64 after `whsec_`, or any other text as it stands.
 *
 * @throws WakegateError WG_CONFIG_INVALID for a file that cannot be read, or holds none
 */
export async function readSecret(path: string): Promise<Uint8Array> {
  const fail = (problem: string, cause?: unknown) =>
    new WakegateError(
      'WG_CONFIG_INVALID',
      `the secret file ${path} ${problem}: make one with (umask 077; echo whsec_$(head -c 32 /dev/urandom | base64) > ${path})`,
      { cause },
    );
  let text: string;
  try {
    text = decodeText(await readFile(path)).trim();
  } catch (error) {
    throw fail(`cannot be read (${(error as Error).message})`, error);
  }
  const isEncoded = text.startsWith(PREFIX);
  const bytes = isEncoded ? Buffer.from(text.slice(PREFIX.length), 'base64') : Buffer.from(text);
  if (
    isEncoded &&
    bytes.toString('base64').replace(/=+$/, '') !== text.slice(PREFIX.length).replace(/=+$/, '')
  ) {
    throw fail(`does not hold base64 after ${PREFIX}`);
  }
  if (bytes.length < LEAST_BYTES || bytes.length > MOST_BYTES || /\s/.test(text)) {
    throw fail(`must hold one word, of ${LEAST_BYTES} to ${MOST_BYTES} bytes`);
  }
  return bytes;
}

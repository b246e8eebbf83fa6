import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HookConfig } from '../../config/index.js';
import { asWakegateError, WakegateError } from '../../errors.js';
import { VERSION } from '../../version.js';
import type { Delivery, DeliveryOptions, HookEvent } from './delivery.js';
import { readSecret, signatureHeaders } from './signature.js';

const TIMEOUT_SECONDS = 10;
const RETRY_SECONDS = 60;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** Of an answer's body, which nobody reads. */
const MOST_ANSWER_BYTES = 16 * 1024;

/** Statuses that may be others the next time, besides those from 500 on. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
}

export interface WebhookParts {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly retryMs: number;
  readonly secret: Uint8Array | null;
  readonly ca: Buffer | null;
  /** Before the second attempt; it doubles from one to the next. */
  readonly firstPauseMs?: number;
  readonly now?: () => number;
}

/** Posts events to an address, as JSON. One at a time, so that they come in order. */
export class Webhook implements Delivery {
  readonly kind = 'webhook';
  readonly target: string;
  readonly atOnce = 1;
  readonly mostAgeMs: number;
  readonly #parts: WebhookParts;
  readonly #firstPauseMs: number;
  readonly #now: () => number;

  /** @throws WakegateError WG_CONFIG_INVALID for a file that cannot be read */
  static async open(config: HookConfig & { readonly url: string }): Promise<Webhook> {
    const {
      url,
      timeoutSeconds = TIMEOUT_SECONDS,
      retrySeconds = RETRY_SECONDS,
      secretFile,
      caFile,
    } = config;
    return new Webhook({
      url: new URL(url),
      timeoutMs: timeoutSeconds * 1000,
      retryMs: retrySeconds * 1000,
      secret: secretFile === undefined ? null : await readSecret(secretFile),
      ca: caFile === undefined ? null : await readCertificate(caFile),
    });
  }

  constructor(parts: WebhookParts) {
    this.#parts = parts;
    this.#firstPauseMs = parts.firstPauseMs ?? FIRST_PAUSE_MS;
    this.#now = parts.now ?? (() => performance.now());
    this.target = parts.url.origin;
    this.mostAgeMs = Math.max(parts.retryMs, parts.timeoutMs);
  }

  async deliver(event: HookEvent, { retry, signal }: DeliveryOptions): Promise<void> {
    const { retryMs } = this.#parts;
    const body = JSON.stringify(event);
    const id = randomUUID();
    const endMs = this.#now() + (retry ? retryMs : 0);
    for (let pauseMs = this.#firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const { problem, waitMs } = await this.#attempt(id, body, signal);
      if (problem === null) return;
      const fault = new WakegateError('WG_HOOK_FAILED', `${this.target} ${problem}`);
      if (waitMs === null) throw fault;
      // Spread, so that many daemons do not come back all at once.
      const nextMs = Math.max(waitMs, pauseMs * (0.75 + Math.random() / 2));
      if (this.#now() + nextMs > endMs) throw fault;
      await sleep(nextMs, undefined, { signal }).catch(() => {
        throw fault;
      });
    }
  }

  /** What was wrong, and for how long at least to wait before it is tried again; null for never. */
  async #attempt(
    id: string,
    body: string,
    signal: AbortSignal,
  ): Promise<{ problem: string | null; waitMs: number | null }> {
    const { url, timeoutMs, secret, ca } = this.#parts;
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': `wakegate/${VERSION}`,
      ...signatureHeaders(secret, id, Math.floor(Date.now() / 1000), body),
    };
    let answer: Answer;
    try {
      answer = await post(url, body, { headers, timeoutMs, ca, signal });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { problem: `cannot be reached: ${message || code}`, waitMs: signal.aborted ? null : 0 };
    }
    const { status, location, retryAfter } = answer;
    if (status >= 200 && status < 300) return { problem: null, waitMs: null };
    if (status >= 300 && status < 400) {
      const where = location === undefined ? '' : ` to ${originOf(location, url)}`;
      return { problem: `answers ${status}, a redirect${where}, which is not followed`, waitMs: null };
    }
    const mayPass = status >= 500 || PASSING.has(status);
    const seconds = Number(retryAfter ?? 0);
    const waitMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
    return { problem: `answers ${status}`, waitMs: mayPass ? waitMs : null };
  }
}

interface PostOptions {
  readonly headers: Record<string, string>;
  readonly timeoutMs: number;
  readonly ca: Buffer | null;
  readonly signal: AbortSignal;
}

/** By Node's own client, which follows no redirects, on a connection that ends with the answer. */
async function post(
  url: URL,
  body: string,
  { headers, timeoutMs, ca, signal }: PostOptions,
): Promise<Answer> {
  // TLS is loaded only where it is used.
  const request = url.protocol === 'https:' ? (await import('node:https')).request : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false, signal, ...(ca && { ca }) });
    // Of the whole: looking up the name, connecting, sending, and waiting for the answer.
    const timer = setTimeout(() => {
      sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    sent.on('error', reject);
    sent.on('close', () => clearTimeout(timer));
    sent.on('response', (response) => {
      discard(response);
      const { statusCode = 0, headers: given } = response;
      resolve({ status: statusCode, location: given.location, retryAfter: given['retry-after'] });
    });
    sent.end(body);
  });
}

/** Reads a short answer to its end, as servers like it, and leaves a long one. */
function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => {});
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > MOST_ANSWER_BYTES) response.destroy();
  });
}

/** The rest of an address may be secret. */
function originOf(location: string, base: URL): string {
  return URL.canParse(location, base.href) ? new URL(location, base).origin : 'nowhere';
}

async function readCertificate(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asWakegateError(error, 'WG_CONFIG_INVALID', `the certificate ${path} cannot be read`);
  }
}

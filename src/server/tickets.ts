import { createHash, randomBytes } from 'node:crypto';

/** How long a ticket may be used. */
const LIFE_MS = 30_000;
/** Tickets that may be unused at a time: the oldest gives way. */
const MAX_UNUSED = 256;

/** Tickets for those who can send no header: each opens one connection. */
export class Tickets {
  /** When each ends, by its digest, so that the time of a look-up reveals nothing about a ticket; oldest first. */
  readonly #unused = new Map<string, number>();

  issue(nowMs: number): { readonly ticket: string; readonly expiresMs: number } {
    for (const [digest, expiresMs] of this.#unused) {
      if (expiresMs > nowMs && this.#unused.size < MAX_UNUSED) break;
      this.#unused.delete(digest);
    }
    const ticket = randomBytes(24).toString('base64url');
    const expiresMs = nowMs + LIFE_MS;
    this.#unused.set(digestOf(ticket), expiresMs);
    return { ticket, expiresMs };
  }

  /** Whether it is good, which it is once. */
  redeem(ticket: string, nowMs: number): boolean {
    const digest = digestOf(ticket);
    const expiresMs = this.#unused.get(digest);
    return expiresMs !== undefined && this.#unused.delete(digest) && expiresMs > nowMs;
  }
}

function digestOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}

import type { Complaints } from '../broker/index.js';
import { bestOf, type Claim, readClaim, type Verdict } from './claim.js';

export interface ArbiterOptions {
  readonly satellite: string;
  readonly room: string;
  /** How long rooms wait for each other, from the arrival of the first claim. */
  readonly windowMs: number;
  /** Sends to all of the group, this satellite included. */
  readonly send: (payload: string) => void;
  /** Whether others can be reached. */
  readonly isUp: () => boolean;
  /** Whether no other room of the group is there. */
  readonly isAlone: () => boolean;
  readonly complaints: Pick<Complaints, 'add'>;
  readonly now?: () => number;
}

/** What a room heard, to be judged against the others. */
export type Candidate = Pick<Claim, 'keyword' | 'snrDb' | 'score' | 'gate'>;

/** `answers`: this room is the one. Otherwise the one that does. */
export interface Judgement {
  readonly answers: boolean;
  readonly satellite: string;
  readonly room: string;
  /** Rooms that had heard it by then. */
  readonly rooms: number;
}

interface HeardEvent {
  /** Of its first claim. */
  readonly id: string;
  readonly claims: Claim[];
  readonly openedMs: number;
  verdict: Verdict | null;
}

interface Pending {
  readonly claim: Claim;
  readonly resolve: (judgement: Judgement) => void;
  readonly timers: NodeJS.Timeout[];
}

/** After a verdict the same word is still the same event for a while: so many windows after its first claim. */
const LATE_WINDOWS = 5;
/** The second claimant says who answers where the first has not by then, and so on. */
const NEXT_CHAIR_MS = 250;
/** Without any word from the others, a room answers: better twice than never. */
const SILENCE_MS = 1500;

/**
 * Which room answers where several have heard a word. There is no referee: every room sees the claims of all in the one order in which
 * the broker had them, so the first claim is the same for all. Its room is the chair: it closes the event a window later and says who
 * has heard best. Where it has gone, the room of the next claim does so. Clocks play no part, only arrival.
 */
export class Arbiter {
  readonly #options: ArbiterOptions;
  readonly #now: () => number;
  /** By keyword. */
  readonly #events = new Map<string, HeardEvent>();
  /** By the id of our own claim. */
  readonly #pending = new Map<string, Pending>();
  #count = 0;
  readonly #run = Math.random().toString(36).slice(2, 8);

  constructor(options: ArbiterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Resolves when it is known who answers: after a window, or at once where no other room is there. */
  decide(candidate: Candidate): Promise<Judgement> {
    const { satellite, room, isUp, send, windowMs } = this.#options;
    if (!isUp()) return Promise.resolve({ answers: true, satellite, room, rooms: 1 });
    const id = `${satellite}/${this.#run}/${++this.#count}`;
    const claim: Claim = { kind: 'claim', id, satellite, room, ...candidate };
    return new Promise((resolve) => {
      const pending: Pending = { claim, resolve, timers: [] };
      this.#pending.set(id, pending);
      pending.timers.push(
        setTimeout(
          () => this.#settle(pending, { answers: true, satellite, room, rooms: 1 }),
          windowMs + SILENCE_MS,
        ).unref(),
      );
      send(JSON.stringify(claim));
    });
  }

  /** Takes what a satellite of the group has sent. */
  take(payload: Buffer): void {
    const said = readClaim(payload);
    if (said === null)
      this.#options.complaints.add(
        'claim',
        'A message among the claims was ignored: it is neither a claim nor a verdict',
      );
    else if (said.kind === 'claim') this.#takeClaim(said);
    else this.#takeVerdict(said);
  }

  #takeClaim(claim: Claim): void {
    const { windowMs, isAlone } = this.#options;
    const event = this.#eventOf(claim);
    event.claims.push(claim);
    const pending = this.#pending.get(claim.id);
    if (pending === undefined) return;
    if (event.verdict) {
      this.#judge(pending, event, event.verdict);
      return;
    }
    const turn = event.claims.length - 1;
    const waitMs = turn === 0 && isAlone() ? 0 : windowMs + turn * NEXT_CHAIR_MS;
    pending.timers.push(setTimeout(() => this.#close(event), waitMs).unref());
  }

  #eventOf({ keyword, id, satellite }: Claim): HeardEvent {
    const nowMs = this.#now();
    const known = this.#events.get(keyword);
    const isOver = known && nowMs - known.openedMs > LATE_WINDOWS * this.#options.windowMs;
    // A room that has heard it twice has heard it said twice.
    const isAgain = known?.claims.some((claim) => claim.satellite === satellite);
    if (known && !isOver && !isAgain) return known;
    const event = { id, claims: [], openedMs: nowMs, verdict: null };
    this.#events.set(keyword, event);
    return event;
  }

  /** Says who answers: a word that the broker has only once, and that comes back to us too. */
  #close(event: HeardEvent): void {
    if (event.verdict) return;
    const { id, satellite, room, keyword } = bestOf(event.claims);
    const verdict: Verdict = { kind: 'verdict', keyword, event: event.id, winner: id, satellite, room };
    this.#options.send(JSON.stringify(verdict));
  }

  #takeVerdict(verdict: Verdict): void {
    const event = this.#events.get(verdict.keyword);
    // The first in the broker's order counts.
    if (event?.id !== verdict.event || event.verdict) return;
    event.verdict = verdict;
    for (const { id } of event.claims) {
      const pending = this.#pending.get(id);
      if (pending) this.#judge(pending, event, verdict);
    }
  }

  #judge(pending: Pending, event: HeardEvent, { winner, satellite, room }: Verdict): void {
    const answers = winner === pending.claim.id;
    this.#settle(pending, { answers, satellite, room, rooms: event.claims.length });
  }

  #settle(pending: Pending, judgement: Judgement): void {
    for (const timer of pending.timers) clearTimeout(timer);
    this.#pending.delete(pending.claim.id);
    pending.resolve(judgement);
  }
}

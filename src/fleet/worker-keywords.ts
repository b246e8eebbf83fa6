import { WakegateError } from '../errors.js';
import type { OwnKeyword } from '../model/index.js';
import { readOwnKeywordSets } from './own-keyword-set.js';

export interface WorkerKeywordsOptions {
  /** Asks the broker for a satellite's own keywords, now and as long as they change; until the function that is returned is called. */
  readonly ask: (satellite: string) => () => void;
  readonly onUnusable: (satellite: string, problem: string) => void;
  /** How long a handoff waits for them. */
  readonly waitMs?: number;
}

interface Asked {
  readonly leave: () => void;
  readonly waiting: Set<{ readonly id: string; settle(own: readonly OwnKeyword[] | null): void }>;
}

const WAIT_MS = 2000;
/** Sets that are kept: the others are asked for again when they are wanted. */
const MOST_SETS = 32;
/** Handoffs that may wait for keywords: others have their turn meanwhile. */
const MOST_WAITING = 24;

/** Own keywords of satellites, known by what is in them. A worker asks for those that a handoff names and that it does not know. */
export class WorkerKeywords {
  readonly #options: WorkerKeywordsOptions;
  /** By set; those that were used last are last. */
  readonly #sets = new Map<string, readonly OwnKeyword[]>();
  readonly #asked = new Map<string, Asked>();
  #waiting = 0;

  constructor(options: WorkerKeywordsOptions) {
    this.#options = options;
  }

  /** For a handoff that waits. @throws WakegateError WG_MODEL_NOT_FOUND where they do not come */
  async get(satellite: string, id: string): Promise<readonly OwnKeyword[]> {
    return this.#waiting < MOST_WAITING ? this.fetch(satellite, id) : this.#orMissing(satellite, id, null);
  }

  /** As {@link get}, with nothing that waits. @throws WakegateError WG_MODEL_NOT_FOUND where they do not come */
  async fetch(satellite: string, id: string): Promise<readonly OwnKeyword[]> {
    return this.#orMissing(satellite, id, this.#known(id) ?? (await this.#ask(satellite, id)));
  }

  #orMissing(satellite: string, id: string, own: readonly OwnKeyword[] | null): readonly OwnKeyword[] {
    if (own !== null) return own;
    throw new WakegateError(
      'WG_MODEL_NOT_FOUND',
      `the own keywords of ${satellite} (${id}) did not come over the broker: let ${satellite} publish them, and this worker read them, as the rules of "wakegate fleet acl" do`,
    );
  }

  /** Takes what a satellite has published. */
  take(satellite: string, payload: Buffer): void {
    if (payload.length === 0) return;
    try {
      for (const [id, own] of readOwnKeywordSets(payload, satellite)) {
        this.#sets.set(id, own);
        if (this.#sets.size > MOST_SETS) this.#sets.delete(this.#sets.keys().next().value!);
        for (const one of this.#asked.get(satellite)?.waiting ?? []) if (one.id === id) one.settle(own);
      }
    } catch (error) {
      this.#options.onUnusable(satellite, (error as Error).message);
    }
  }

  #known(id: string): readonly OwnKeyword[] | null {
    const own = this.#sets.get(id);
    if (own === undefined) return null;
    this.#sets.delete(id);
    this.#sets.set(id, own);
    return own;
  }

  #ask(satellite: string, id: string): Promise<readonly OwnKeyword[] | null> {
    const { ask, waitMs = WAIT_MS } = this.#options;
    const asked = this.#asked.get(satellite) ?? { leave: ask(satellite), waiting: new Set() };
    this.#asked.set(satellite, asked);
    this.#waiting++;
    return new Promise((resolve) => {
      const one = {
        id,
        settle: (own: readonly OwnKeyword[] | null) => {
          clearTimeout(timer);
          if (!asked.waiting.delete(one)) return;
          this.#waiting--;
          if (asked.waiting.size === 0) {
            this.#asked.delete(satellite);
            asked.leave();
          }
          resolve(own);
        },
      };
      const timer = setTimeout(() => one.settle(null), waitMs).unref();
      asked.waiting.add(one);
    });
  }
}

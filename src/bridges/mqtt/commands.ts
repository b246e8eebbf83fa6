import type { Complaints, Incoming } from '../../broker/index.js';
import { KeywordConfigSchema } from '../../config/index.js';
import { MuteSecondsSchema } from '../../protocol/schemas/index.js';
import { Checker, sentenceOf, type TSchema } from '../../schema/index.js';
import { SerialQueue } from '../../serial-queue.js';
import type { Service } from '../../service.js';
import type { Topics } from './topics.js';

/** Of a payload that is a word or a number. */
const MOST_BYTES = 64;
/** Commands that may come at once, and a second. */
const MOST_AT_ONCE = 20;
const MOST_PER_SECOND = 5;

/** By whom it is muted where something plays, and for how long at most. */
const PLAYER = 'mqtt';
const MOST_PLAYING_SECONDS = 4 * 3600;

export interface CommandsOptions {
  readonly service: Service;
  readonly topics: Topics;
  readonly complaints: Complaints;
  /** Called after each command, whatever has become of it. */
  readonly onDone: () => void;
}

/** Why a message is ignored: what is the same in complaints that are logged once, and a clause for people. */
interface Refusal {
  readonly kind: 'retained' | 'long' | 'flood' | 'invalid';
  readonly why: string;
}

/** Does what others ask for over the broker, where it is what the HTTP API would take. */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #work = new SerialQueue();
  readonly #seconds = new Checker(MuteSecondsSchema);
  readonly #threshold = new Checker(KeywordConfigSchema.properties.threshold);
  #allowed = MOST_AT_ONCE;
  #allowedMs = performance.now();

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Takes a message, unless it is of another topic. */
  take({ topic, payload, retain }: Incoming): void {
    const { topics, complaints, onDone } = this.#options;
    const keyword = topics.keywordSetBy(topic);
    const isOurs = topic === topics.muteSet || topic === topics.playingSet || keyword !== null;
    if (!isOurs || payload.length === 0) return;
    const refuse = ({ kind, why }: Refusal) =>
      complaints.add(`${kind} ${topic}`, `A message on ${topic} was ignored: ${why}`);
    const refusal = this.#refusalOf(payload, retain);
    if (refusal !== null) {
      refuse(refusal);
      return;
    }
    const text = payload.toString().trim();
    this.#work
      .add(() => {
        if (keyword !== null) return this.#setThreshold(keyword, text);
        return topic === topics.muteSet ? this.#mute(text) : this.#play(text);
      })
      .catch((error: unknown) => refuse({ kind: 'invalid', why: (error as Error).message }))
      .finally(onDone);
  }

  #refusalOf(payload: Buffer, retain: boolean): Refusal | null {
    // Kept by the broker, it would be done again at every start.
    if (retain) {
      const why = 'it is retained, and commands must not be: publish an empty retained message to remove it';
      return { kind: 'retained', why };
    }
    if (payload.length > MOST_BYTES) {
      const why = `it has ${payload.length} bytes, and no command has more than ${MOST_BYTES}`;
      return { kind: 'long', why };
    }
    if (this.#allows()) return null;
    return { kind: 'flood', why: `there are more than ${MOST_PER_SECOND} commands a second` };
  }

  async #mute(text: string): Promise<void> {
    const { service } = this.#options;
    if (text === 'OFF') service.unmute();
    else if (text === 'ON') await service.mute(null);
    else await service.mute(numberOf(text, this.#seconds, 'it must be ON, OFF or a number of seconds:'));
  }

  /** Muted while something plays, for a time at most: who says that it plays may never say that it ends. */
  async #play(text: string): Promise<void> {
    const { service } = this.#options;
    if (text === 'playing' || text === 'ON') await service.mute(MOST_PLAYING_SECONDS, PLAYER);
    else if (/^[A-Za-z_]+$/.test(text)) service.unmute(PLAYER);
    else
      await service.mute(
        numberOf(text, this.#seconds, 'it must be the state of a player or a number of seconds:'),
        PLAYER,
      );
  }

  async #setThreshold(keyword: string, text: string): Promise<void> {
    const threshold = text === 'default' ? null : numberOf(text, this.#threshold, 'the threshold');
    await this.#options.service.changeKeyword(keyword, { threshold });
  }

  #allows(): boolean {
    const nowMs = performance.now();
    const earned = ((nowMs - this.#allowedMs) / 1000) * MOST_PER_SECOND;
    this.#allowed = Math.min(MOST_AT_ONCE, this.#allowed + earned);
    this.#allowedMs = nowMs;
    if (this.#allowed < 1) return false;
    this.#allowed--;
    return true;
  }
}

/** @throws Error with what the HTTP API would say of it */
function numberOf<Schema extends TSchema>(text: string, checker: Checker<Schema>, place: string): number {
  // Number() also takes '', ' ', hexadecimals and Infinity.
  const given = /^[+-]?\d{1,15}(?:\.\d{1,17})?(?:e[+-]?\d{1,2})?$/i.test(text) ? Number(text) : text;
  const checked = checker.check(given);
  if (checked.ok) return checked.value as number;
  throw new Error(sentenceOf(checked.fault, place));
}

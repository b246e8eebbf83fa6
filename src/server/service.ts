import type { EventBus, KeywordInfo } from '../daemon-events.js';
import type { KeywordChange } from '../daemon-keywords.js';
import type { Energy } from './energy.js';
import type { MuteStatus } from './mute.js';
import type { Status } from './status.js';

/** What the server makes known: the daemon, as seen from here. */
export interface Service {
  readonly events: EventBus;
  status(): Status;
  /** Why nothing can be detected now, in a sentence; null where it can, or is not wanted. */
  notReady(): string | null;
  energy(): Energy;
  resetEnergy(): void;
  keywords(): KeywordInfo[];
  /** @throws WakegateError WG_UNKNOWN_NAME, WG_STATE_UNUSABLE */
  changeKeyword(name: string, change: KeywordChange): Promise<KeywordInfo>;
  /** Lets the microphone go, for so many seconds or until {@link unmute}. */
  mute(seconds: number | null): Promise<MuteStatus>;
  unmute(): MuteStatus;
}

/** Options of every plugin of routes. */
export interface RouteOptions {
  readonly service: Service;
}

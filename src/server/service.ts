import type { AudioChunk, RawFormat } from '../audio/index.js';
import type { DaemonCaptures } from '../daemon/captures.js';
import type { EventBus, KeywordInfo } from '../daemon/events.js';
import type { KeywordChange } from '../daemon/keywords.js';
import type { DaemonStream } from '../daemon/sent-stream.js';
import type { FileReport, ScoresAt } from '../detect-audio.js';
import type { Activity } from './activity.js';
import type { Energy } from './routes/energy.js';
import type { ModelInfo } from './routes/models.js';
import type { MuteStatus } from './routes/mute.js';
import type { Status } from './routes/status.js';
import type { Tickets } from './tickets.js';

/** What the server makes known: the daemon, as seen from here. */
export interface Service {
  readonly events: EventBus;
  readonly captures: Pick<DaemonCaptures, 'enabled' | 'fault' | 'enable' | 'store'>;
  status(): Status;
  /** Why nothing can be detected now, in a sentence; null where it can, or is not wanted. */
  notReady(): string | null;
  energy(): Energy;
  resetEnergy(): void;
  keywords(): KeywordInfo[];
  /** @throws WakegateError WG_UNKNOWN_NAME, WG_STATE_UNUSABLE */
  changeKeyword(name: string, change: KeywordChange): Promise<KeywordInfo>;
  models(): Promise<ModelInfo[]>;
  /**
   * Resolves when the pack of that id listens.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, and whatever is wrong with the pack; then nothing has changed
   */
  changeModel(id: string): Promise<ModelInfo>;
  /** Lets the microphone go, for so many seconds or until {@link unmute}. */
  mute(seconds: number | null): Promise<MuteStatus>;
  unmute(): MuteStatus;
  /**
   * Listens to audio beside the input, with a stream of its own.
   *
   * @throws WakegateError as the audio or the classifier has it
   */
  detect(
    name: string,
    chunks: AsyncIterable<AudioChunk>,
    onScores: ((scores: ScoresAt) => void) | undefined,
  ): Promise<FileReport>;
  /**
   * Begins to hear audio that is sent piece by piece, with a stream of its own.
   *
   * @throws WakegateError WG_USAGE for a format that cannot be
   */
  openStream(format: RawFormat): Promise<DaemonStream>;
}

/** Options of every plugin of routes. */
export interface RouteOptions {
  readonly service: Service;
  readonly activity: Activity;
  readonly tickets: Tickets;
}

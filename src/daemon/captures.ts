import { join } from 'node:path';
import type { Logger } from 'pino';
import { CaptureRecorder, CaptureStore, type Clip } from '../captures/index.js';
import type { Config } from '../config/index.js';
import { asWakegateError, type WakegateError, withoutPath } from '../errors.js';
import type { Detection, Listener, ListenerEvents } from '../pipeline.js';
import type { CaptureLimits } from '../protocol/index.js';
import { type Static, Type } from '../schema/index.js';
import { SerialQueue } from '../serial-queue.js';
import { WriteBatches } from '../write-batches.js';
import type { DaemonInput } from './input.js';
import type { DaemonKeywords } from './keywords.js';
import type { Problems } from './problems.js';
import type { StateDirectory } from './state-directory.js';
import type { SwitchingListener } from './switching-listener.js';

export interface DaemonCapturesOptions {
  readonly config: Config;
  readonly state: StateDirectory;
  readonly input: DaemonInput;
  readonly listener: SwitchingListener;
  readonly keywords: DaemonKeywords;
  readonly problems: Problems;
  readonly logger: Logger;
}

const StoredSchema = Type.Object({ enabled: Type.Optional(Type.Boolean()) });
/** What was changed while the daemon ran. */
export type StoredCaptures = Static<typeof StoredSchema>;

const FILE = 'captures';
const PRUNE_MS = 3_600_000;

/**
 * Keeps what was heard, while that is turned on: by the configuration, or by a change that outlives the process.
 * While it is off there is nothing: no ring of sound, no listener. A clip that cannot be written is logged
 * and gone; listening continues.
 */
export class DaemonCaptures {
  /** What was kept, on or off. */
  readonly store: CaptureStore;
  readonly #options: DaemonCapturesOptions;
  #stored: StoredCaptures;
  #recorder: CaptureRecorder | null = null;
  /** The one whose scores are looked at. */
  #scored: Listener | null = null;
  #fault: WakegateError | null = null;
  readonly #work = new SerialQueue();
  readonly #changes = new WriteBatches<StoredCaptures>((changes) => this.#write(changes));
  #pruning: NodeJS.Timeout | undefined;

  static async readStored(state: StateDirectory): Promise<StoredCaptures> {
    return (await state.read(FILE, StoredSchema)) ?? {};
  }

  constructor(options: DaemonCapturesOptions, stored: StoredCaptures) {
    this.#options = options;
    this.#stored = stored;
    const { captureMaxCount, captureMaxMegabytes, captureMaxDays } = options.config;
    const limits: CaptureLimits = {
      count: captureMaxCount,
      bytes: captureMaxMegabytes * 1_000_000,
      days: captureMaxDays,
    };
    this.store = new CaptureStore(join(options.state.path, 'captures'), limits);
    this.store.onNotice = (sentence) => options.problems.set('captures', sentence);
  }

  get enabled(): boolean {
    return this.#stored.enabled ?? this.#options.config.captures === 'on';
  }

  /** Why the newest clip could not be kept; null when it could. */
  get fault(): WakegateError | null {
    return this.#fault;
  }

  async #write(changes: readonly StoredCaptures[]): Promise<void> {
    const stored = changes.at(-1)!;
    await this.#options.state.write(FILE, stored);
    this.#stored = stored;
  }

  /** Begins, where it is on; what has become too old goes in any case. */
  start(): void {
    if (this.enabled) this.#turnOn();
    this.#prune();
    this.#pruning = setInterval(() => this.#prune(), PRUNE_MS).unref();
  }

  /**
   * Turns it on or off permanently; null goes back to what the configuration says.
   *
   * @throws WakegateError WG_STATE_UNUSABLE, and then nothing has changed
   */
  async enable(enabled: boolean | null): Promise<void> {
    await this.#changes.add(enabled === null ? {} : { enabled });
    if (this.enabled) this.#turnOn();
    else this.#turnOff();
    this.#options.logger.info(`Captures are ${this.enabled ? 'on' : 'off'}`);
  }

  /** Keeps what is still being recorded. */
  async close(): Promise<void> {
    clearInterval(this.#pruning);
    await this.#changes.close();
    await this.store.close();
    this.#turnOff();
    this.#prune();
    await this.#work.settled();
  }

  #turnOn(): void {
    if (this.#recorder !== null) return;
    const { input, listener } = this.#options;
    this.#renew();
    input.on('sound', this.#onSound).on('status', this.#onStatus);
    listener.on('detection', this.#onDetection).on('gate', this.#onGate).on('changed', this.#renew);
  }

  #turnOff(): void {
    if (this.#recorder === null) return;
    const { input, listener } = this.#options;
    this.#recorder.flush();
    this.#recorder = null;
    input.off('sound', this.#onSound).off('status', this.#onStatus);
    listener.off('detection', this.#onDetection).off('gate', this.#onGate).off('changed', this.#renew);
    this.#scored?.off('position', this.#onPosition).off('secondLook', this.#onLook);
    this.#scored = null;
  }

  /** With the window of the pack that is listened with. */
  readonly #renew = (): void => {
    const { config, listener } = this.#options;
    this.#recorder?.flush();
    this.#scored?.off('position', this.#onPosition).off('secondLook', this.#onLook);
    this.#scored = listener.current.listener.on('position', this.#onPosition).on('secondLook', this.#onLook);
    const { name } = listener.current.pack;
    this.#recorder = new CaptureRecorder({
      windowSamples: listener.current.windowSamples,
      floor: config.captureFloor,
      onClip: (clip) => this.#save(clip, name),
    });
  };

  readonly #onSound = (samples: Int16Array, startSample: number): void => {
    this.#recorder!.push(samples, startSample);
  };

  readonly #onStatus = ({ state }: { readonly state: string }): void => {
    if (state === 'muted' || state === 'lost' || state === 'ended') this.#recorder!.flush();
  };

  readonly #onDetection = ({ keyword, score, sample, secondLook }: Detection): void =>
    this.#recorder!.detected({
      keyword,
      score,
      sample,
      ...(secondLook && { look: { ...secondLook, score } }),
    });

  readonly #onLook = ({
    keyword,
    posterior,
    second,
    score,
    agreed,
  }: ListenerEvents['secondLook'][0]): void => {
    if (!agreed) this.#recorder!.refused({ keyword, look: { posterior, second, score } });
  };

  readonly #onPosition = ({ sample, scores }: ListenerEvents['position'][0]): void => {
    if (scores.every((score) => score < this.#options.config.captureFloor)) return;
    for (const [k, { name, enabled }] of this.#options.keywords.list().entries()) {
      if (enabled) this.#recorder!.scored({ keyword: name, score: scores[k], sample });
    }
  };

  readonly #onGate = ({ open }: ListenerEvents['gate'][0]): void => {
    if (open) return;
    const { listener } = this.#options.listener.current;
    const recorder = this.#recorder!;
    listener.settled().then(() => recorder.missed());
  };

  #save(clip: Clip, model: string): void {
    const heardAt = new Date(this.#options.input.wallMs(clip.sample));
    this.#work.add(async () => {
      try {
        await this.#options.state.hold();
        await this.store.add(clip, model, heardAt);
        this.#fault = null;
        this.#options.problems.set('captures', null);
      } catch (error) {
        this.#tell(error);
      }
    });
  }

  #tell(error: unknown): void {
    const fault = asWakegateError(error, 'WG_STATE_UNUSABLE', 'a capture could not be kept');
    this.#options.problems.set('captures', `what was heard is not kept: ${withoutPath(fault.message)}`);
    this.#fault = fault;
  }

  #prune(): void {
    this.#work.add(() => this.store.prune().catch((error: unknown) => this.#tell(error)));
  }
}

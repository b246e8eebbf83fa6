import { EventEmitter } from 'node:events';
import type { AudioChunk, OpenAudio } from '../audio/index.js';
import { rhythmFor } from '../audio/microphone/rhythm.js';
import type { WakegateError } from '../errors.js';
import type { KeywordSettings, ModelPack } from '../model/index.js';
import type { Listener, ListenerAccount } from '../pipeline.js';
import { type StreamEvents, secondsAt, timed, timedGate } from './events.js';
import { hear } from './hear.js';

export interface SessionOptions {
  readonly listener: Listener;
  readonly streamId: number;
  readonly audio: OpenAudio;
  readonly pack: Pick<ModelPack, 'handoff'>;
  /** Resolves when whoever takes the detections has room for more. */
  readonly room?: () => Promise<void>;
}

export interface SessionEvents extends StreamEvents {
  /** All has been heard, or it was stopped, or it failed. Nothing comes after it. */
  over: [fault: unknown];
}

/** One stream of a spotter: a source, the listener that it feeds, and what is heard. */
export class Session extends EventEmitter<SessionEvents> {
  readonly #listener: Listener;
  readonly #streamId: number;
  readonly #audio: OpenAudio;
  readonly #room: () => Promise<void>;
  /** Number that the next sample will have, if there is no gap; NaN before the first. */
  #nextSample = Number.NaN;
  #isOver = false;
  #closing: Promise<void> | null = null;

  constructor({ listener, streamId, audio, pack, room = async () => {} }: SessionOptions) {
    super();
    this.#listener = listener;
    this.#streamId = streamId;
    this.#audio = audio;
    this.#room = room;
    const hopSamples = pack.handoff.hopSteps * listener.stepSamples;
    listener.on('detection', (detection) => this.#tell('detection', timed(detection)));
    listener.on('gate', (change) => this.#tell('gate', timedGate(streamId, change)));
    listener.on('near', () => {
      if (audio.paced) audio.paced.rhythm = 'prompt';
    });
    listener.on('dropped', ({ sample }) => {
      this.#tell('dropped', {
        streamId,
        what: 'handoff',
        time: secondsAt(sample),
        seconds: secondsAt(hopSamples),
      });
    });
    // A stream in which some windows were not judged is worth nothing to who relies on it.
    listener.on('fault', (fault) => this.#end(fault));
  }

  /** Starts listening; `over` says when and how it has ended. */
  start(): void {
    hear(this.#listener, this.#chunks(), () => this.#isOver).then(
      () => this.#end(null),
      (error: unknown) => this.#end(error),
    );
  }

  /**
   * Ends it at once: what is still to be answered is not reported. Resolves when the source has been closed, or has
   * failed to close, which no longer matters to anyone here.
   *
   * @param fault why, where that is a fault
   */
  stop(fault: WakegateError | null = null): Promise<void> {
    this.#end(fault);
    this.#closing ??= this.#audio.close().catch(() => {});
    return this.#closing;
  }

  /** @throws WakegateError as {@link Listener.setKeyword} */
  setKeyword(settings: KeywordSettings): void {
    this.#listener.setKeyword(settings);
  }

  account(): ListenerAccount {
    return this.#listener.account();
  }

  /** The source's chunks; what is missing between them is reported. */
  async *#chunks(): AsyncGenerator<AudioChunk> {
    const { chunks, paced } = this.#audio;
    for await (const chunk of chunks) {
      const { samples, startSample } = chunk;
      const missing = startSample - this.#nextSample;
      if (missing > 0) {
        this.#tell('dropped', {
          streamId: this.#streamId,
          what: 'audio',
          time: secondsAt(startSample),
          seconds: secondsAt(missing),
        });
      }
      this.#nextSample = startSample + samples.length;
      yield chunk;
      await this.#room();
      if (paced) paced.rhythm = rhythmFor(this.#listener);
    }
  }

  #tell<Name extends keyof StreamEvents>(name: Name, event: StreamEvents[Name][0]): void {
    if (!this.#isOver) (this.emit as (name: Name, event: unknown) => void).call(this, name, event);
  }

  #end(fault: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.emit('over', fault);
  }
}

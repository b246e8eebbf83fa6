import type { AudioChunk, RawFormat } from '../audio/index.js';
import type { Config } from '../config/index.js';
import { detectAudio } from '../detect-audio.js';
import { EnergyMeter } from '../energy/index.js';
import { Listener } from '../pipeline.js';
import type { FileReport, ScoresAt } from '../protocol/index.js';
import type { DaemonKeywords } from './keywords.js';
import { DaemonStream } from './sent-stream.js';
import type { SwitchingListener } from './switching-listener.js';

export interface SentAudioOptions {
  readonly config: Pick<Config, 'gate' | 'mfcc'>;
  /** Whose pack is listened with. */
  readonly listener: SwitchingListener;
  readonly keywords: DaemonKeywords;
}

/**
 * Listens to audio that is sent to the service, each with a stream of its own, and with the pack in use when it came. What
 * that costs is not booked with the input.
 */
export class SentAudio {
  readonly #options: SentAudioOptions;
  readonly #meter: EnergyMeter;
  /** The input has 0. */
  #nextStreamId = 1;

  constructor(options: SentAudioOptions) {
    this.#options = options;
    this.#meter = new EnergyMeter({ hopSteps: options.listener.current.pack.handoff.hopSteps });
  }

  /**
   * Listens to a whole file, as fast as it comes.
   *
   * @throws WakegateError as the audio or the classifier has it
   */
  async detect(
    name: string,
    chunks: AsyncIterable<AudioChunk>,
    onScores?: (scores: ScoresAt) => void,
  ): Promise<FileReport> {
    const { config, listener, keywords } = this.#options;
    const loaded = listener.current;
    loaded.retain();
    try {
      return await detectAudio(name, chunks, {
        pack: { ...loaded.pack, keywords: keywords.list() },
        classifier: loaded.classifier,
        streamId: this.#nextStreamId++,
        gate: config.gate,
        mfcc: config.mfcc,
        ...(onScores && { onScores }),
      });
    } finally {
      await loaded.release();
    }
  }

  /** @throws WakegateError WG_USAGE for a format that cannot be */
  openStream(format: RawFormat): Promise<DaemonStream> {
    const { config, listener, keywords } = this.#options;
    const loaded = listener.current;
    const stream = new Listener({
      pack: { ...loaded.pack, keywords: keywords.list() },
      classifier: loaded.classifier,
      meter: this.#meter,
      streamId: this.#nextStreamId++,
      gate: config.gate,
      mfcc: config.mfcc,
    });
    loaded.retain();
    keywords.attach(stream);
    return DaemonStream.open({
      format,
      listener: stream,
      labelOf: (keyword) => keywords.labelOf(keyword),
      onClose: () => {
        keywords.detach(stream);
        loaded.release();
      },
    });
  }
}

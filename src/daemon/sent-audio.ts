import {
  type AudioChunk,
  AudioDecoding,
  type DecodedAudio,
  type DecodingOptions,
  type RawFormat,
} from '../audio/index.js';
import type { Config } from '../config/index.js';
import { detectAudio } from '../detect-audio.js';
import { EnergyMeter } from '../energy/index.js';
import { WakegateError } from '../errors.js';
import { Listener } from '../pipeline.js';
import type { KeywordInfo } from '../protocol/index.js';
import type { HeardFile, HowToHear } from '../service.js';
import type { DaemonKeywords } from './keywords.js';
import type { LoadedPack } from './loaded-pack.js';
import type { PackChanges } from './pack-changes.js';
import { DaemonStream } from './sent-stream.js';
import type { SwitchingListener } from './switching-listener.js';

export interface SentAudioOptions {
  readonly config: Pick<Config, 'gate' | 'mfcc' | 'secondLook'>;
  /** Whose pack is listened with. */
  readonly listener: SwitchingListener;
  readonly keywords: DaemonKeywords;
  /** Another pack, for one file at a time. */
  readonly packs: Pick<PackChanges, 'borrow'>;
}

/**
 * Listens to audio that is sent to the service, each with a stream of its own, and with the pack in use when it came. What
 * that costs is not booked with the input.
 */
export class SentAudio {
  readonly #options: SentAudioOptions;
  readonly #meter: EnergyMeter;
  readonly #decoding = new AudioDecoding();
  /** The input has 0. */
  #nextStreamId = 1;

  constructor(options: SentAudioOptions) {
    this.#options = options;
    this.#meter = new EnergyMeter({ hopSteps: options.listener.current.pack.handoff.hopSteps });
  }

  /**
   * Decodes audio as its bytes come, off this thread.
   *
   * @throws WakegateError WG_USAGE for a format that cannot be; from the iteration whatever is wrong with the audio
   */
  decode(pieces: AsyncIterable<Uint8Array>, options: DecodingOptions): DecodedAudio {
    return this.#decoding.decode(pieces, options);
  }

  /**
   * Listens to a whole file, as fast as it comes.
   *
   * @throws WakegateError as the audio or the classifier has it
   */
  async detect(
    name: string,
    chunks: AsyncIterable<AudioChunk> & { readonly warning?: string | null },
    { onScores, track = false, model, thresholds = {} }: HowToHear = {},
  ): Promise<HeardFile> {
    const { config, listener, keywords, packs } = this.#options;
    if (model === undefined) {
      refuseInVain(listener.current);
      listener.current.retain();
    }
    const loaded = model === undefined ? listener.current : await packs.borrow(model);
    try {
      const settings = withThresholds(keywords.list(loaded.pack), thresholds);
      const report = await detectAudio(name, chunks, {
        pack: { ...loaded.pack, keywords: settings },
        classifier: loaded.classifier,
        streamId: this.#nextStreamId++,
        gate: config.gate,
        mfcc: config.mfcc,
        secondLook: config.secondLook,
        track,
        ...(onScores && { onScores }),
      });
      const listened = settings.filter(({ enabled }) => enabled);
      return {
        ...report,
        model: loaded.pack.name,
        thresholds: Object.fromEntries(listened.map(({ name, threshold }) => [name, threshold])),
      };
    } catch (error) {
      // What waited for too long was dropped, but not for want of room.
      const { fault } = loaded.health;
      if (fault && error instanceof WakegateError && error.code === 'WG_BUSY') throw notReadyError(fault);
      throw error;
    } finally {
      await loaded.release();
    }
  }

  /** @throws WakegateError WG_USAGE for a format that cannot be */
  async openStream(format: RawFormat): Promise<DaemonStream> {
    const { config, listener, keywords } = this.#options;
    const loaded = listener.current;
    refuseInVain(loaded);
    const stream = new Listener({
      pack: { ...loaded.pack, keywords: keywords.list() },
      classifier: loaded.classifier,
      meter: this.#meter,
      streamId: this.#nextStreamId++,
      gate: config.gate,
      mfcc: config.mfcc,
      secondLook: config.secondLook,
    });
    loaded.retain();
    keywords.attach(stream);
    return DaemonStream.open({
      format,
      decoding: this.#decoding,
      listener: stream,
      labelOf: (keyword) => keywords.labelOf(keyword),
      onClose: () => {
        keywords.detach(stream);
        loaded.release();
      },
    });
  }

  /** Ends the threads that decode; what is being decoded fails. */
  close(): Promise<void> {
    return this.#decoding.close();
  }
}

/** @throws WakegateError WG_UNKNOWN_NAME for keywords that the pack does not have */
function withThresholds(
  keywords: readonly KeywordInfo[],
  thresholds: Readonly<Record<string, number>>,
): KeywordInfo[] {
  const names = keywords.map(({ name }) => name);
  const unknown = Object.keys(thresholds).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const sentence = `there is no keyword ${unknown} in this model pack; there are ${names.join(', ')}`;
    throw new WakegateError('WG_UNKNOWN_NAME', sentence);
  }
  return keywords.map((keyword) => ({
    ...keyword,
    threshold: thresholds[keyword.name] ?? keyword.threshold,
  }));
}

/** While the classifier rests between workers that die, whoever waits would wait in vain. */
function refuseInVain({ classifier, health }: LoadedPack): void {
  const { state } = classifier.status();
  if (state !== 'asleep' || health.fault?.code !== 'WG_CLASSIFIER_FAILED') return;
  throw notReadyError(health.fault);
}

function notReadyError({ message }: WakegateError): WakegateError {
  return new WakegateError('WG_NOT_READY', `the classifier cannot answer: ${message}; try again later`);
}

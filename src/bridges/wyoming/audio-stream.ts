import { SAMPLE_RATE } from '../../audio/index.js';
import { asWakegateError, type WakegateError } from '../../errors.js';
import type { DetectionEvent } from '../../protocol/index.js';
import type { SentStream, Service } from '../../service.js';
import type { AudioFormat } from './events.js';
import { SampleWidth } from './samples.js';
import { SenderTime } from './sender-time.js';

export interface AudioStreamOptions {
  readonly service: Pick<Service, 'openStream' | 'streamPlaces'>;
  /** Of the sender, by which places are shared out. */
  readonly remoteAddress: string | undefined;
  readonly format: AudioFormat;
  /** @param timestamp on the sender's clock, in ms; null where it gives none */
  readonly onDetection: (detection: DetectionEvent, timestamp: number | null) => void;
  /** The stream is then closed. */
  readonly onFault: (fault: WakegateError) => void;
}

/** What may wait: a second at 16 kHz. Whoever sends more at once waits until it is heard. */
const MOST_WAITING_BYTES = 32 * 1024;
/** What a piece takes besides its bytes. */
const PIECE_BYTES = 256;

/**
 * The audio of one sender, from its first chunk to its end, as a stream of its own. It is opened with the first bytes:
 * most connections come only to ask what there is.
 */
export class AudioStream {
  readonly #options: AudioStreamOptions;
  readonly #width: SampleWidth;
  readonly #time = new SenderTime();
  #stream: SentStream | null = null;
  #leave: (() => void) | null = null;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** The work on what waits, while there is any. */
  #hearing: Promise<void> | null = null;
  #whenHeard: (() => void)[] = [];
  /** Samples at 16 kHz that have come, of all channels together. */
  #sample = 0;
  #isFinishing = false;
  #isClosed = false;

  constructor(options: AudioStreamOptions) {
    this.#options = options;
    this.#width = new SampleWidth(options.format.width);
  }

  /** Whether audio of that format continues it. */
  fits({ rate, width, channels }: AudioFormat): boolean {
    const { format } = this.#options;
    return rate === format.rate && width === format.width && channels === format.channels;
  }

  /** Samples at 16 kHz that were heard so far. */
  get samples(): number {
    return this.#stream?.samples ?? 0;
  }

  /** Whether something that came has not been heard yet, or at the end, not been answered. */
  get isBusy(): boolean {
    return this.#hearing !== null || this.#isFinishing;
  }

  /** A chunk of so many bytes begins; they are pushed next. */
  begin(payloadBytes: number, timestamp: number | null | undefined): void {
    const { rate, width, channels } = this.#options.format;
    if (typeof timestamp === 'number') this.#time.add(this.#sample, timestamp);
    this.#sample += (payloadBytes / (width * channels)) * (SAMPLE_RATE / rate);
  }

  /** Takes the next bytes, cut anywhere. Await {@link ready} before the next. */
  push(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const samples = this.#width.toInt16(bytes);
    this.#waiting.push(samples);
    this.#waitingBytes += samples.length + PIECE_BYTES;
    this.#hearing ??= this.#hear();
  }

  /** Resolves when there is room for more. */
  async ready(): Promise<void> {
    if (this.#waitingBytes >= MOST_WAITING_BYTES && !this.#isClosed)
      await new Promise<void>((resolve) => this.#whenHeard.push(resolve));
  }

  /** Resolves when all that came was heard, and its detections were reported. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    await this.#hearing;
    if (this.#isClosed) return;
    try {
      await this.#stream?.finish();
      if (this.#stream?.fault) throw this.#stream.fault;
    } catch (error) {
      this.#fail(error);
    }
    this.close();
  }

  /** Releases everything; nothing more is reported. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream?.close();
    this.#leave?.();
    this.#forget();
  }

  async #hear(): Promise<void> {
    try {
      const stream = this.#stream ?? (await this.#open());
      while (this.#waiting.length > 0 && !this.#isClosed) {
        const bytes = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting);
        this.#forget();
        await stream.push(bytes);
        if (stream.fault) throw stream.fault;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#hearing = null;
    }
  }

  async #open(): Promise<SentStream> {
    const { service, remoteAddress, format, onDetection } = this.#options;
    this.#leave = service.streamPlaces.take(remoteAddress).leave;
    const stream = await service.openStream({ rate: format.rate, channels: format.channels });
    this.#stream = stream;
    if (this.#isClosed) stream.close();
    stream.events.on('event', (event) => {
      if (event.type === 'detection' && !this.#isClosed) onDetection(event, this.#time.at(event.sample));
    });
    return stream;
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onFault(asWakegateError(error, 'WG_INTERNAL', 'the stream broke off'));
  }

  /** What waited, which is being heard, or is not going to be. */
  #forget(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const resolve of this.#whenHeard.splice(0)) resolve();
  }
}

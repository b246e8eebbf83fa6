import { WakegateError } from '../errors.js';
import { SampleClock } from './clock.js';
import { type RecorderChoice, requireRecorder } from './find-recorder.js';
import { checkRawFormat, type RawFormat, RawPcmConverter } from './raw-pcm.js';
import { RecorderProcess } from './recorder-process.js';
import { SampleRing } from './sample-ring.js';
import { type AudioChunk, type AudioSource, SAMPLE_RATE } from './source.js';

/**
 * The rate and channels of {@link RawFormat} are what the recorder is asked for. At another rate than 16 kHz the
 * samples are resampled here, which costs more than all the rest of listening: only for devices that need it.
 */
export interface MicrophoneOptions extends RawFormat {
  /** `auto` (the default): the first of arecord, parec and sox that is installed. */
  readonly recorder?: RecorderChoice;
  /** The recorder's own name of a device (`plughw:1,0`); its default device unless told. */
  readonly device?: string;
  /** Audio in a chunk; 80 ms unless told. Each one wakes the process up, which costs more than what is done then. */
  readonly chunkMs?: number;
  /** How long the first samples may take to come; 3000 unless told. */
  readonly startTimeoutMs?: number;
  /** How long samples may stay away after that; 2000 unless told. */
  readonly dataTimeoutMs?: number;
}

/** A reader that is later than this loses the oldest samples. */
const BUFFER_SECONDS = 5;
/** A sample that arrives later than this after its time by the clock comes after a gap. */
const GAP_MS = 500;

/**
 * A microphone, through one run of one recorder program: when the recorder fails, iteration throws and this source is
 * over. Iterate it once.
 */
export class MicrophoneSource implements AudioSource {
  readonly clock = new SampleClock();
  readonly #choice: RecorderChoice;
  readonly #device: string | undefined;
  readonly #format: Required<RawFormat>;
  readonly #chunkMs: number;
  readonly #startTimeoutMs: number;
  readonly #dataTimeoutMs: number;
  readonly #ring = new SampleRing(BUFFER_SECONDS * SAMPLE_RATE);
  #program: string;
  #recorder: RecorderProcess | null = null;
  #fault: WakegateError | null = null;
  #closed = false;
  /** Resumes the iteration when there is something new. */
  #wake: () => void = () => {};

  /** @throws WakegateError WG_USAGE for a device name, rate or number of channels that cannot be */
  constructor(options: MicrophoneOptions = {}) {
    this.#choice = options.recorder ?? 'auto';
    this.#device = options.device === undefined ? undefined : checkDevice(options.device);
    this.#format = checkRawFormat(options);
    this.#chunkMs = options.chunkMs ?? 80;
    this.#startTimeoutMs = options.startTimeoutMs ?? 3000;
    this.#dataTimeoutMs = options.dataTimeoutMs ?? 2000;
    this.#program = this.#choice;
  }

  get name(): string {
    return `microphone (${this.#program}, ${this.#device ?? 'default'})`;
  }

  /**
   * @throws WakegateError WG_RECORDER_MISSING where no recorder is installed; WG_RECORDER_FAILED when it ends or gives
   *   no samples, after the samples that it gave before
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
    const recorder = requireRecorder(this.#choice);
    this.#program = recorder.program;
    const converter = await RawPcmConverter.create(this.#format);
    try {
      if (this.#closed) return;
      this.#recorder = new RecorderProcess(
        {
          ...this.#format,
          recorder,
          device: this.#device,
          periodMs: this.#chunkMs,
          startTimeoutMs: this.#startTimeoutMs,
          dataTimeoutMs: this.#dataTimeoutMs,
        },
        {
          onData: (bytes) => this.#receive(converter.push(bytes)),
          onFault: (fault) => {
            this.#fault = fault;
            this.#wake();
          },
        },
      );
      yield* this.#chunks();
      if (this.#fault && !this.#closed) throw this.#fault;
    } finally {
      await this.close();
      converter.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#recorder?.stop();
  }

  /** Chunks from the ring, until there is a fault and the ring is empty, or the source is closed. */
  async *#chunks(): AsyncGenerator<AudioChunk> {
    const chunk = new Int16Array(Math.round((SAMPLE_RATE * this.#chunkMs) / 1000));
    while (!this.#closed) {
      if (this.#ring.length >= chunk.length || (this.#fault && this.#ring.length > 0)) {
        const startSample = this.#ring.firstSample;
        yield { samples: chunk.subarray(0, this.#ring.read(chunk)), startSample };
      } else if (this.#fault) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #receive(samples: Int16Array): void {
    this.#ring.write(samples);
    this.#keepTime(this.#ring.nextSample, Date.now());
    this.#wake();
  }

  /**
   * Samples reach us late, never early: the earliest arrival tells best when they were taken, and only a long delay
   * means that samples were lost.
   */
  #keepTime(sample: number, nowMs: number): void {
    const lateMs = nowMs - this.clock.wallMs(sample);
    if (!(lateMs >= 0 && lateMs <= GAP_MS)) this.clock.anchor(sample, nowMs);
  }
}

/**
 * A device name goes into a command line and into ALSA's own small language, in which quotes, pipes and braces can
 * run commands and open files: names of devices need none of these.
 *
 * @throws WakegateError WG_USAGE
 */
function checkDevice(device: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.:,=@+-]{0,199}$/.test(device)) return device;
  throw new WakegateError(
    'WG_USAGE',
    `${JSON.stringify(device)} is not the name of a device: name one as the recorder lists it, such as plughw:1,0`,
  );
}

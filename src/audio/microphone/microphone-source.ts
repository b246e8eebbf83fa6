import { WakegateError } from '../../errors.js';
import { SampleClock } from '../clock.js';
import { checkRawFormat, type RawFormat, RawPcmConverter } from '../codecs/raw-pcm.js';
import { Conditioner, type ConditionerOptions } from '../conditioner.js';
import { SampleRing } from '../sample-ring.js';
import { type AudioChunk, type AudioSource, SAMPLE_RATE } from '../source.js';
import { AlignmentWatch } from './alignment-watch.js';
import { ArrivalClock } from './arrival-clock.js';
import { chooseRecorder, type RecorderChoice } from './find-recorder.js';
import { FINE, PaceWatch, usualRate } from './pace-watch.js';
import { RecorderProcess } from './recorder-process.js';
import { REST_MS, type Rhythm } from './rhythm.js';
import { SignalWatch } from './signal-watch.js';

/**
 * The rate and channels of {@link RawFormat} are what the recorder is asked for. At another rate than 16 kHz the
 * samples are resampled here, which costs more than all the rest of listening: only for devices that need it.
 */
export interface MicrophoneOptions extends RawFormat, ConditionerOptions {
  /** `auto` (the default): the first of arecord, parec, pw-record and sox that has something to record from. */
  readonly recorder?: RecorderChoice;
  /** The recorder's own name of a device (`plughw:1,0`); by default its default device. */
  readonly device?: string;
  /** Audio in a chunk, of which several may come at once; 80 ms by default. Each one wakes the process up, which costs more than what is done then. */
  readonly chunkMs?: number;
  /** How long the first samples may take to come; 3000 by default. */
  readonly startTimeoutMs?: number;
  /** How long samples may stay away after that; 2000 by default. */
  readonly dataTimeoutMs?: number;
}

/** A reader that is later than this loses the oldest samples. */
const BUFFER_SECONDS = 5;

/** No device has a lower one, in Hz. */
const SLOWEST_RATE = 7000;

/** Chunks that are handed over together, when several have come; as many as come in the longest rest, and one or two that were late. */
const MOST_CHUNKS = 9;
/** What the kernel surely keeps of what a recorder writes; a rest may fill a third of it. */
const PIPE_BYTES = 65_536;

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
  #conditioner: Conditioner;
  readonly #watch: SignalWatch;
  readonly #mostRestMs: number;
  readonly #ring = new SampleRing(BUFFER_SECONDS * SAMPLE_RATE);
  #program: string;
  #recorder: RecorderProcess | null = null;
  #rhythm: Rhythm = 'prompt';
  #fault: WakegateError | null = null;
  readonly #arrivals = new ArrivalClock();
  readonly #pace: PaceWatch;
  readonly #finePace: PaceWatch;
  readonly #alignment: AlignmentWatch;
  #isOutOfPace = false;
  /** What is wrong with the pace, though not by so much that words are not heard. */
  #paceProblem: string | null = null;
  #closed = false;
  /** Resumes the iteration when there is something new. */
  #wake: () => void = () => {};

  /** @throws WakegateError WG_USAGE for a device name, rate or number of channels that cannot be */
  constructor(options: MicrophoneOptions = {}) {
    this.#choice = options.recorder ?? 'auto';
    this.#device = options.device === undefined ? undefined : checkDevice(options.device, this.#choice);
    this.#format = checkRawFormat(options);
    this.#conditioner = new Conditioner(options);
    this.#pace = new PaceWatch(this.#format.rate);
    this.#finePace = new PaceWatch(this.#format.rate, FINE);
    this.#alignment = new AlignmentWatch(2 * this.#format.rate * this.#format.channels);
    this.#watch = new SignalWatch(this.#format.rate, this.#format.channels);
    const bytesPerMs = (2 * this.#format.rate * this.#format.channels) / 1000;
    this.#mostRestMs = Math.floor(PIPE_BYTES / 3 / bytesPerMs);
    this.#chunkMs = options.chunkMs ?? 80;
    this.#startTimeoutMs = options.startTimeoutMs ?? 3000;
    this.#dataTimeoutMs = options.dataTimeoutMs ?? 2000;
    this.#program = this.#choice;
  }

  /** What is wrong with the signal, as a sentence; null where nothing is known to be. */
  get problem(): string | null {
    return this.#watch.problem ?? this.#paceProblem ?? this.#recorder?.problem ?? null;
  }

  /** Whether it was ended for the pace of its samples, which may be the same with the next one. */
  get isOutOfPace(): boolean {
    return this.#isOutOfPace;
  }

  /** How often to read, to be chosen while iterating. A change to `prompt` gives at once what has come meanwhile. */
  set rhythm(rhythm: Rhythm) {
    this.#rhythm = rhythm;
    if (this.#recorder) this.#recorder.restMs = Math.min(REST_MS[rhythm], this.#mostRestMs);
  }

  get rhythm(): Rhythm {
    return this.#rhythm;
  }

  /**
   * Changes gain and high-pass filter from the next samples on.
   *
   * @throws WakegateError WG_USAGE for values that cannot be
   */
  condition(options: ConditionerOptions): void {
    this.#conditioner = new Conditioner(options);
  }

  get name(): string {
    return `microphone (${this.#program}, ${this.#device ?? 'default'})`;
  }

  /**
   * @throws WakegateError WG_RECORDER_MISSING where no recorder is installed; WG_RECORDER_FAILED when it ends or gives
   *   no samples, after the samples that it gave before
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
    const recorder = await chooseRecorder(this.#choice);
    this.#program = recorder.program;
    if (this.#device !== undefined) checkDevice(this.#device, recorder.program);
    const converter = await RawPcmConverter.create(this.#format, this.#watch);
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
          onData: (bytes, isNewest) => {
            this.#keepPace(bytes.length);
            if (this.#alignment.push(bytes)) this.#fail(this.#alignmentFault());
            this.#receive(converter.push(bytes), isNewest);
          },
          onFault: (fault) => this.#fail(fault),
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
    const chunkSamples = Math.round((SAMPLE_RATE * this.#chunkMs) / 1000);
    const chunks = new Int16Array(MOST_CHUNKS * chunkSamples);
    while (!this.#closed) {
      const { length, firstSample } = this.#ring;
      const whole = Math.min(chunks.length, length - (length % chunkSamples));
      if (whole > 0 || (this.#fault && length > 0)) {
        const samples = chunks.subarray(0, whole || length);
        this.#ring.read(samples);
        yield { samples, startSample: firstSample };
      } else if (this.#fault) {
        return;
      } else {
        this.#recorder?.taken();
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #receive(samples: Int16Array, isNewest: boolean): void {
    this.#conditioner.apply(samples);
    // A reader that is behind from the first does not know better than that it is now.
    if (isNewest || Number.isNaN(this.clock.wallMs(0))) this.#keepTime(samples.length);
    this.#ring.write(samples);
    this.#wake();
  }

  /** @param arriving how many samples are about to be written */
  #keepTime(arriving: number): void {
    const { missing, anchorMs } = this.#arrivals.arrived(this.#ring.nextSample + arriving);
    if (missing > 0) this.#ring.skip(missing);
    if (anchorMs !== null) this.clock.anchor(this.#ring.nextSample + arriving, anchorMs);
  }

  /** Ends it where samples come at another rate than the one that was asked for. */
  #keepPace(bytes: number): void {
    const { rate, channels } = this.#format;
    const frames = bytes / (2 * channels);
    const nowMs = performance.now();
    const fine = this.#finePace.push(frames, nowMs);
    const near = fine === null ? rate : usualRate(fine, FINE.agreement);
    // What is no rate of devices is a machine that loses some of the samples.
    if (fine !== null && near !== Math.round(fine)) this.#paceProblem = this.#paceSentence(near);
    const measured = this.#pace.push(frames, nowMs);
    if (measured === null) return;
    this.#isOutOfPace = true;
    this.#fail(new WakegateError('WG_RECORDER_FAILED', this.#paceSentence(usualRate(measured))));
  }

  #paceSentence(measured: number): string {
    const fact = `${this.#program} gives ${measured} samples a second where ${this.#format.rate} were asked for`;
    if (measured < SLOWEST_RATE) return `${fact}: it is too slow for any sound`;
    return `${fact}: the device cannot do that rate by itself. ${this.#remedy(measured)}`;
  }

  #alignmentFault(): WakegateError {
    return new WakegateError(
      'WG_RECORDER_FAILED',
      `${this.#program} gives noise, as its samples are out of step by a byte: it writes something else among them, such as text`,
    );
  }

  #fail(fault: WakegateError): void {
    this.#fault ??= fault;
    this.#wake();
  }

  #remedy(measured: number): string {
    const bare = /^hw:/.test(this.#device ?? '');
    const byRate = `set the rate to ${measured}`;
    return bare
      ? `Name it plug${this.#device}, which converts, or ${byRate}`
      : `With arecord, name it plughw:..., which converts ("wakegate devices" lists it), or ${byRate}`;
  }
}

/** Recorders whose device names are ALSA's. */
const ALSA_RECORDERS: readonly RecorderChoice[] = ['arecord', 'sox'];

/**
 * A device name goes into a command line. Sound servers have names with spaces, brackets and letters of any language;
 * ALSA reads its own in a small language of its own, in which quotes, pipes and braces can run commands and open files:
 * names of its devices need none of these.
 *
 * @throws WakegateError WG_USAGE
 */
function checkDevice(device: string, recorder: RecorderChoice): string {
  const fits = ALSA_RECORDERS.includes(recorder)
    ? /^[A-Za-z0-9_][A-Za-z0-9_.:,=@+-]{0,199}$/
    : /^[\p{L}\p{N}_@([][\p{L}\p{N}\p{M} _.:,;=@+/#&()[\]-]{0,199}$/u;
  if (fits.test(device)) return device;
  const example = ALSA_RECORDERS.includes(recorder) ? ', such as plughw:1,0' : '';
  throw new WakegateError(
    'WG_USAGE',
    `${JSON.stringify(device)} is not the name of a device for ${recorder === 'auto' ? 'any recorder' : recorder}: ` +
      `take one that "wakegate devices" lists${example}`,
  );
}

import type { AudioChunk, DecodedAudio, DecodingOptions, RawFormat } from './audio/index.js';
import type { WakegateError } from './errors.js';
import type { Places } from './network/index.js';
import type {
  Capture,
  CaptureLimits,
  DaemonEvent,
  DetectReport,
  Device,
  DeviceLevel,
  DoctorFinding,
  Energy,
  EnergyHistory,
  EnergySpan,
  FileReport,
  Hook,
  HookTest,
  KeywordChange,
  KeywordInfo,
  KeywordJob,
  KeywordPeaks,
  KeywordRequest,
  Label,
  LevelEvent,
  MicrophoneChoice,
  MicrophoneInUse,
  ModelInfo,
  MuteStatus,
  ScoresAt,
  ScoresEvent,
  Status,
  StreamEvent,
  TestEvent,
  ThresholdForecast,
} from './protocol/index.js';

/**
 * What the daemon offers to those who carry it outside: the server, and bridges. They know the daemon by this and no
 * other way, so that each can be tested, and read, without it.
 */
export interface Service {
  readonly events: EventFeed;
  readonly captures: CaptureService;
  readonly hooks: HookService;
  status(): Status;
  /** Why nothing can be detected now, in a sentence; null where it can, or is not wanted. */
  notReady(): string | null;
  energy(): Energy;
  energyHistory(span: EnergySpan): EnergyHistory;
  resetEnergy(): void;
  /** Microphones, as each recorder that is installed knows them. */
  devices(): Promise<Device[]>;
  /**
   * Level of a microphone: of the one in use at once, of another one after some sound of it was recorded.
   *
   * @throws WakegateError as the recorder has it
   */
  deviceLevel(choice: MicrophoneChoice): Promise<DeviceLevel>;
  microphone(): MicrophoneInUse;
  /**
   * Listens to another microphone, for good; null for the one of the settings.
   *
   * @throws WakegateError WG_REQUEST_INVALID where the input is no microphone, WG_BUSY, WG_STATE_UNUSABLE, and as the
   *   recorder has it; then nothing has changed
   */
  chooseMicrophone(choice: MicrophoneChoice | null): Promise<MicrophoneInUse>;
  /** What the daemon needs, and how to fix what is missing. */
  examine(): Promise<DoctorFinding[]>;
  keywords(): KeywordInfo[];
  /** @throws WakegateError WG_UNKNOWN_NAME, WG_STATE_UNUSABLE */
  changeKeyword(name: string, change: KeywordChange): Promise<KeywordInfo>;
  /**
   * Adds a keyword of the user's own, or replaces it; resolves when it is listened for.
   *
   * @param text of its file
   * @throws WakegateError WG_KEYWORD_INVALID, WG_BUSY, WG_STATE_UNUSABLE, and then nothing has changed
   */
  putKeyword(name: string, text: string): Promise<KeywordInfo>;
  /** @throws WakegateError WG_UNKNOWN_NAME, WG_BUSY, WG_STATE_UNUSABLE, and then nothing has changed */
  removeKeyword(name: string): Promise<void>;
  /** Has a keyword made; events say how far it is. @throws WakegateError WG_KEYWORD_INVALID, WG_BUSY */
  makeKeyword(request: KeywordRequest): Promise<KeywordJob>;
  /**
   * Has a keyword made again with its labelled captures; it is replaced where that is better.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, WG_KEYWORD_INVALID, WG_BUSY
   */
  improveKeyword(name: string, takes?: readonly string[]): Promise<KeywordJob>;
  /** Those that are being made, and wait to be. */
  keywordJobs(): KeywordJob[];
  /**
   * How sure the detector was of what it heard, detected or not.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, WG_STATE_UNUSABLE
   */
  keywordPeaks(name: string): Promise<KeywordPeaks>;
  /** What another threshold would have done. @throws as {@link keywordPeaks} does */
  forecastThreshold(name: string, threshold: number): Promise<ThresholdForecast>;
  models(): Promise<ModelInfo[]>;
  /**
   * Resolves when the pack of that id listens.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, and whatever is wrong with the pack; then nothing has changed
   */
  changeModel(id: string): Promise<ModelInfo>;
  /**
   * Releases the microphone, for so many seconds or until {@link unmute}.
   *
   * @param by who wants it, such as a player: it is muted as long as anyone wants it; people by default
   * @throws WakegateError WG_BUSY where too many others want it
   */
  mute(seconds: number | null, by?: string): Promise<MuteStatus>;
  /** @param by whose wish is over; by default everybody's */
  unmute(by?: string): MuteStatus;
  /**
   * Publishes a {@link TestEvent}, which bridges send on as such.
   *
   * @param name of the keyword; null for the first one
   * @param fire whether bridges are to do what they do at a word
   * @throws WakegateError WG_UNKNOWN_NAME
   */
  testDetection(name: string | null, fire: boolean): TestEvent;
  /**
   * Decodes audio as its bytes come, off the thread that listens.
   *
   * @throws WakegateError WG_USAGE for a format that cannot be; from the iteration whatever is wrong with the audio
   */
  decode(pieces: AsyncIterable<Uint8Array>, options: DecodingOptions): DecodedAudio;
  /**
   * Listens to audio next to the input, with a stream of its own.
   *
   * @throws WakegateError as the audio or the classifier has it; WG_UNKNOWN_NAME for a model pack or a keyword that there is not
   */
  detect(
    name: string,
    chunks: AsyncIterable<AudioChunk> & { readonly warning?: string | null },
    how?: HowToHear,
  ): Promise<HeardFile>;
  /** Of {@link openStream}: whoever opens one for somebody takes a place first, and gives it back at its end. */
  readonly streamPlaces: Places;
  /**
   * Starts to listen to audio that is sent piece by piece, with a stream of its own.
   *
   * @throws WakegateError WG_USAGE for a format that cannot be
   */
  openStream(format: RawFormat): Promise<SentStream>;
}

/** How audio that is sent is to be heard; by default as the input is. */
export interface HowToHear {
  readonly onScores?: ((scores: ScoresAt) => void) | undefined;
  /** Whether the report is to have what was thought over time. */
  readonly track?: boolean;
  /** Id of another model pack. */
  readonly model?: string | undefined;
  /** By keyword, in place of those in use. */
  readonly thresholds?: Readonly<Record<string, number>> | undefined;
}

/** A report, and what it was heard with. */
export type HeardFile = FileReport & Pick<DetectReport, 'model' | 'thresholds'>;

/** Everything that happens, numbered, and the newest of it kept. Levels and scores are measured only while someone listens. */
export interface EventFeed {
  /** Number of the latest event; where there was none yet, the one before the first. */
  readonly sequence: number;
  /** The kept events with a higher number, oldest first. */
  since(sequence: number): readonly DaemonEvent[];
  on(type: 'event', listener: (event: DaemonEvent) => void): this;
  on(type: 'level', listener: (event: LevelEvent) => void): this;
  on(type: 'scores', listener: (event: ScoresEvent) => void): this;
  off(type: 'event', listener: (event: DaemonEvent) => void): this;
  off(type: 'level', listener: (event: LevelEvent) => void): this;
  off(type: 'scores', listener: (event: ScoresEvent) => void): this;
}

/** What was heard and kept. */
export interface CaptureService {
  readonly enabled: boolean;
  /** Why the newest clip could not be kept; null when it could. */
  readonly fault: WakegateError | null;
  readonly store: CaptureFolder;
  /**
   * Turns captures on or off permanently; null goes back to what the configuration says.
   *
   * @throws WakegateError WG_STATE_UNUSABLE, and then nothing has changed
   */
  enable(enabled: boolean | null): Promise<void>;
}

/** Webhooks and commands for what happens. */
export interface HookService {
  list(): readonly Hook[];
  /**
   * Runs one for an event that has not happened.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, WG_BUSY
   */
  test(name: string): Promise<HookTest>;
}

/** Clips that were kept. Every call throws WG_STATE_UNUSABLE where the folder cannot be used. */
export interface CaptureFolder {
  readonly limits: CaptureLimits;
  /** Newest first. */
  list(): Promise<readonly Capture[]>;
  /** @throws WakegateError WG_UNKNOWN_NAME */
  get(id: string): Promise<Capture>;
  /** @throws WakegateError WG_UNKNOWN_NAME */
  readWav(id: string): Promise<Uint8Array>;
  /** @throws WakegateError WG_UNKNOWN_NAME */
  label(id: string, label: Label): Promise<Capture>;
  /** @throws WakegateError WG_UNKNOWN_NAME */
  remove(id: string): Promise<void>;
  clear(): Promise<void>;
}

/** Raw s16le audio that someone sends, listened to as the daemon's own input is. */
export interface SentStream {
  /** Detections and openings of the gate, of this stream only. */
  readonly events: { on(type: 'event', listener: (event: StreamEvent) => void): unknown };
  /** What kept a handoff from being answered, if anything did. */
  readonly fault: WakegateError | null;
  /** Samples at 16 kHz that were heard so far. */
  readonly samples: number;
  /**
   * Takes the next bytes, cut anywhere. Resolves when more may come.
   *
   * @throws WakegateError WG_CLASSIFIER_CLOSED
   */
  push(bytes: Uint8Array): Promise<void>;
  /**
   * Ends the stream; resolves when all events of it have been emitted.
   *
   * @throws WakegateError WG_CLASSIFIER_CLOSED
   */
  finish(): Promise<void>;
  /** Releases everything. No events come any more. */
  close(): void;
}

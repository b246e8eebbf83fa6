import type {
  Capture,
  Captures,
  DetectReport,
  Device,
  DeviceLevel,
  DoctorFinding,
  Energy,
  EnergyHistory,
  EnergySpan,
  Hook,
  HookTest,
  KeywordChange,
  KeywordInfo,
  KeywordJob,
  KeywordPeaks,
  KeywordRequest,
  Label,
  Message,
  MicrophoneChoice,
  MicrophoneInUse,
  ModelInfo,
  MuteStatus,
  Status,
  StreamEvent,
  TestEvent,
  ThresholdForecast,
} from '../protocol/index.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { type EventsOptions, followEvents } from './events.js';
import { type ListenOptions, listenTo, type PcmStream, type WebSocketConstructor } from './listen.js';

export interface ClientOptions extends ConnectionOptions {
  /** In place of the global one; Node before 22 has none. Only {@link WakegateClient.listen}, and events over it, need it. */
  readonly WebSocket?: WebSocketConstructor;
}

export interface DetectOptions {
  /** Of the audio, such as `audio/L16;rate=16000` for raw samples; by default that of a Blob, or WAV. */
  readonly type?: string;
  /** Whether the report is to have the scores over time. */
  readonly scores?: boolean;
  /** Whether it is to have all that was thought over time. */
  readonly track?: boolean;
  /** Id of another model pack to hear it with. */
  readonly model?: string;
  /** By keyword, in place of those in use. */
  readonly thresholds?: Readonly<Record<string, number>>;
  readonly signal?: AbortSignal;
}

/**
 * Talks to a daemon, from a browser or from Node. Every method throws a {@link ServiceError} where the service gives no
 * answer, or refuses.
 *
 * @example
 * const wakegate = new WakegateClient({ url: 'http://127.0.0.1:8765' });
 * for await (const event of wakegate.events()) {
 *   if (event.type === 'detection') console.log(event.label, event.score);
 * }
 */
export class WakegateClient {
  readonly #connection: Connection;
  readonly #WebSocket: WebSocketConstructor | undefined;

  constructor({ WebSocket, ...options }: ClientOptions) {
    this.#connection = new Connection(options);
    this.#WebSocket = WebSocket ?? globalThis.WebSocket;
  }

  status(): Promise<Status> {
    return this.#connection.json('GET', '/v1/status');
  }

  /**
   * Resolves where the daemon listens and can detect, or is muted on request.
   *
   * @throws ServiceError WG_NOT_READY with the reason
   */
  async checkReady(): Promise<void> {
    await this.#connection.json('GET', '/readyz');
  }

  /** What happens, from now on or from an event on that was had before; connects again by itself. */
  events(options: EventsOptions = {}): AsyncGenerator<Message, void> {
    return followEvents(this.#connection, options, this.#WebSocket);
  }

  /** Says what is heard in an audio file. */
  async detect(
    file: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>,
    options: DetectOptions = {},
  ): Promise<DetectReport> {
    const { type = (file instanceof Blob && file.type) || 'audio/wav', scores, track, signal } = options;
    const url = this.#connection.urlOf('/v1/detect', {
      scores: scores ? 'all' : undefined,
      track: track ? 'all' : undefined,
      ...heardWith(options),
    });
    const response = await this.#connection.request(url, {
      method: 'POST',
      headers: { 'content-type': type },
      body: file,
      ...(signal && { signal }),
    });
    return (await response.json()) as DetectReport;
  }

  /** Has a stream of 16-bit samples heard, and yields its events until all of it was. */
  listen(stream: PcmStream, options: ListenOptions = {}): AsyncGenerator<StreamEvent, void> {
    return listenTo(this.#connection, stream, options, this.#WebSocket);
  }

  /**
   * Publishes a test event, which bridges send on as such.
   *
   * @param options.keyword name of the keyword; by default the first one
   * @param options.fire whether bridges are to do what they do at a word
   */
  testDetection(options: { readonly keyword?: string; readonly fire?: boolean } = {}): Promise<TestEvent> {
    const query = new URLSearchParams({ fire: String(options.fire ?? false) });
    if (options.keyword !== undefined) query.set('keyword', options.keyword);
    return this.#connection.json('POST', `/v1/test?${query}`);
  }

  async keywords(): Promise<KeywordInfo[]> {
    const { keywords } = await this.#connection.json<{ keywords: KeywordInfo[] }>('GET', '/v1/keywords');
    return keywords;
  }

  /** At once, and for good; null takes back what was changed before. */
  changeKeyword(name: string, change: KeywordChange): Promise<KeywordInfo> {
    return this.#connection.json('PATCH', `/v1/keywords/${encodeURIComponent(name)}`, change);
  }

  /** How sure the detector was of what it heard, detected or not. */
  peaks(name: string): Promise<KeywordPeaks> {
    return this.#connection.json('GET', `/v1/keywords/${encodeURIComponent(name)}/peaks`);
  }

  /** What another threshold would have done in the last hour, in the last day, and with all captures. */
  thresholdForecast(name: string, threshold: number): Promise<ThresholdForecast> {
    const path = `/v1/keywords/${encodeURIComponent(name)}/forecast?threshold=${threshold}`;
    return this.#connection.json('GET', path);
  }

  /** Adds a keyword of your own, or replaces it. @param file as `wakegate keyword add` writes it */
  putKeyword(name: string, file: object): Promise<KeywordInfo> {
    return this.#connection.json('PUT', `/v1/keywords/${encodeURIComponent(name)}`, file);
  }

  removeKeyword(name: string): Promise<void> {
    return this.#connection.json('DELETE', `/v1/keywords/${encodeURIComponent(name)}`);
  }

  /** Has a keyword made on the daemon's machine; events of type `keyword` say how far it is. */
  makeKeyword(request: KeywordRequest): Promise<KeywordJob> {
    return this.#connection.json('POST', '/v1/keywords', request);
  }

  /**
   * Has a keyword of your own made again with its labelled captures; it is replaced where that is better.
   *
   * @param takes more recordings of it, each a file in base64
   */
  improveKeyword(name: string, takes: readonly string[] = []): Promise<KeywordJob> {
    return this.#connection.json('POST', `/v1/keywords/${encodeURIComponent(name)}/improve`, { takes });
  }

  /** Keywords that are being made. */
  async keywordJobs(): Promise<KeywordJob[]> {
    const { jobs } = await this.#connection.json<{ jobs: KeywordJob[] }>('GET', '/v1/keywords/jobs');
    return jobs;
  }

  /**
   * @param seconds how long; by default until {@link unmute}
   * @param by who wants it, such as a player, which needs `seconds`: it is muted as long as anyone wants it
   */
  mute(seconds?: number, by?: string): Promise<MuteStatus> {
    const given = {
      ...(seconds !== undefined && { seconds: String(seconds) }),
      ...(by !== undefined && { by }),
    };
    const query = new URLSearchParams(given).toString();
    return this.#connection.json('POST', `/v1/mute${query && `?${query}`}`);
  }

  /** @param by whose wish is over; by default everybody's */
  unmute(by?: string): Promise<MuteStatus> {
    return this.#connection.json(
      'POST',
      `/v1/unmute${by === undefined ? '' : `?by=${encodeURIComponent(by)}`}`,
    );
  }

  /** What each stage has cost, and what the gate has saved. */
  energy(): Promise<Energy> {
    return this.#connection.json('GET', '/v1/energy');
  }

  /** What each stage has cost over the last minute, hour or day. */
  energyHistory(span: EnergySpan): Promise<EnergyHistory> {
    return this.#connection.json('GET', `/v1/energy/history?span=${span}`);
  }

  /** Microphones, as each recorder that is installed knows them. */
  async devices(): Promise<Device[]> {
    return (await this.#connection.json<{ devices: Device[] }>('GET', '/v1/devices')).devices;
  }

  /** How loud a microphone is: some sound is recorded where it is not the one in use. */
  deviceLevel(choice: MicrophoneChoice = {}): Promise<DeviceLevel> {
    return this.#connection.json('POST', '/v1/devices/level', choice);
  }

  /** Which microphone is listened to. */
  microphone(): Promise<MicrophoneInUse> {
    return this.#connection.json('GET', '/v1/input');
  }

  /** Listens to another microphone, for good, once it has given sound; null for the one of the settings. */
  chooseMicrophone(choice: MicrophoneChoice | null): Promise<MicrophoneInUse> {
    return choice === null
      ? this.#connection.json('DELETE', '/v1/input')
      : this.#connection.json('PUT', '/v1/input', choice);
  }

  /** What the daemon needs, and how to fix what is missing. It takes some seconds. */
  async doctor(): Promise<DoctorFinding[]> {
    return (await this.#connection.json<{ findings: DoctorFinding[] }>('GET', '/v1/doctor')).findings;
  }

  resetEnergy(): Promise<void> {
    return this.#connection.json('POST', '/v1/energy/reset');
  }

  async hooks(): Promise<Hook[]> {
    const { hooks } = await this.#connection.json<{ hooks: Hook[] }>('GET', '/v1/hooks');
    return hooks;
  }

  /** Runs a hook once, with an event whose `test` is true. */
  testHook(name: string): Promise<HookTest> {
    return this.#connection.json('POST', `/v1/hooks/${encodeURIComponent(name)}/test`);
  }

  async models(): Promise<ModelInfo[]> {
    const { models } = await this.#connection.json<{ models: ModelInfo[] }>('GET', '/v1/models');
    return models;
  }

  /** Listens with another model pack. */
  changeModel(id: string): Promise<ModelInfo> {
    return this.#connection.json('PUT', '/v1/model', { id });
  }

  captures(): Promise<Captures> {
    return this.#connection.json('GET', '/v1/captures');
  }

  /** Turns captures on or off; null goes back to what the configuration says. */
  enableCaptures(enabled: boolean | null): Promise<Captures> {
    return this.#connection.json('PATCH', '/v1/captures', { enabled });
  }

  /** The WAV file of a capture. */
  async captureAudio(id: string): Promise<Blob> {
    const url = this.#connection.urlOf(`/v1/captures/${encodeURIComponent(id)}.wav`);
    return (await this.#connection.request(url)).blob();
  }

  /** What is thought of a capture over its time: it is heard again. */
  async captureTrack(
    id: string,
    options: Pick<DetectOptions, 'model' | 'thresholds' | 'signal'> = {},
  ): Promise<DetectReport> {
    const path = `/v1/captures/${encodeURIComponent(id)}/track`;
    const url = this.#connection.urlOf(path, heardWith(options));
    const { signal } = options;
    return (await this.#connection.request(url, signal && { signal })).json() as Promise<DetectReport>;
  }

  labelCapture(id: string, label: Label): Promise<Capture> {
    return this.#connection.json('POST', `/v1/captures/${encodeURIComponent(id)}/label`, label);
  }

  /** @param id by default all of them */
  removeCaptures(id?: string): Promise<void> {
    const path = id === undefined ? '' : `/${encodeURIComponent(id)}`;
    return this.#connection.json('DELETE', `/v1/captures${path}`);
  }
}

/** As the query has it. */
function heardWith({ model, thresholds = {} }: Pick<DetectOptions, 'model' | 'thresholds'>) {
  const given = Object.entries(thresholds).map((entry) => entry.join(':'));
  return { model, thresholds: given.length > 0 ? given.join() : undefined };
}

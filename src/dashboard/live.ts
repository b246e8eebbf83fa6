import {
  type DetectionEvent,
  type KeywordJob,
  type Message,
  type ScoresEvent,
  ServiceError,
  type Status,
  type WakegateClient,
} from '../client/index.js';
import { EVENT_TYPES, isLive } from '../protocol/index.js';
import { Signal } from './signal.js';
import { type Track, trackOf } from './track.js';

/** How the daemon is reached: `refused` where it asks for a token, `lost` while it is tried again. */
export type Reach = 'connecting' | 'live' | 'lost' | 'refused' | 'unreachable';

/** Always; sound and scores come ten times a second, and only while a view shows them. */
const ALWAYS = EVENT_TYPES.filter((type) => !isLive(type));
const MOST_DETECTIONS = 100;
/** Counters of the status go with no event. */
const STATUS_EVERY_MS = 10_000;
/** Scores of tenths of a second come five at a time, and are shown one after the other. */
const TENTH_MS = 90;
/** More is caught up with at once. */
const MOST_LATE = 5;

/** A detection, and whether it was a test or answered in another room. */
export interface HeardWord
  extends Pick<DetectionEvent, 'sequence' | 'keyword' | 'label' | 'heardAt' | 'score'> {
  readonly cost: DetectionEvent['cost'] | null;
  /** The room that answered in place of this one. */
  readonly answeredBy: string | null;
}

/** What is known of the daemon, kept up to date by its events while the page can be seen. */
export class Live {
  readonly reach = new Signal<Reach>('connecting');
  /** Why it is not reached, in a sentence; null where it is. */
  readonly trouble = new Signal<string | null>(null);
  readonly status = new Signal<Status | null>(null);
  /** Newest first. */
  readonly detections = new Signal<readonly HeardWord[]>([]);
  readonly jobs = new Signal<readonly KeywordJob[]>([]);
  /** Counts up with each detection, gate that shuts and change of keywords: when to ask for captures again. */
  readonly changes = new Signal(0);
  readonly client: WakegateClient;
  readonly #scoreWatchers = new Set<(scores: ScoresEvent) => void>();
  readonly #detectionWatchers = new Set<(detection: DetectionEvent) => void>();
  #following: AbortController | null = null;
  #since: number | undefined = 0;
  #statusTimer: ReturnType<typeof setInterval> | undefined;
  /** Those that have come and are not shown yet. */
  #late: ScoresEvent[] = [];
  #lateTimer: ReturnType<typeof setTimeout> | undefined;
  #scoresMs = Number.NEGATIVE_INFINITY;

  constructor(client: WakegateClient) {
    this.client = client;
    document.addEventListener('visibilitychange', this.#look);
  }

  start(): void {
    this.#look();
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#look);
    this.#end();
  }

  /** Sound and scores as they come, for as long as somebody watches. @returns what ends it */
  watchScores(watcher: (scores: ScoresEvent) => void): () => void {
    this.#scoreWatchers.add(watcher);
    if (this.#scoreWatchers.size === 1) this.#again();
    return () => {
      this.#scoreWatchers.delete(watcher);
      if (this.#scoreWatchers.size === 0) this.#again();
    };
  }

  /** Each detection as it comes, with its place in the stream. @returns what ends it */
  watchDetections(watcher: (detection: DetectionEvent) => void): () => void {
    this.#detectionWatchers.add(watcher);
    return () => this.#detectionWatchers.delete(watcher);
  }

  /** What is thought of a capture, over its time. */
  async trackOf(id: string): Promise<Track> {
    return trackOf(await this.client.captureTrack(id));
  }

  /** Asks for the status at once, as after something was changed here. */
  async refresh(): Promise<void> {
    try {
      this.status.value = await this.client.status();
    } catch (error) {
      this.#note(error);
    }
  }

  /** Nobody looks at a hidden page: then the daemon has no more to do than without it. */
  readonly #look = (): void => {
    if (document.visibilityState === 'visible') this.#again();
    else this.#end();
  };

  #end(): void {
    this.#following?.abort();
    this.#following = null;
    clearInterval(this.#statusTimer);
    clearTimeout(this.#lateTimer);
    this.#lateTimer = undefined;
    this.#late = [];
  }

  #again(): void {
    this.#end();
    if (document.visibilityState !== 'visible') return;
    const following = new AbortController();
    this.#following = following;
    this.#statusTimer = setInterval(() => {
      if (this.reach.value === 'live') this.refresh();
    }, STATUS_EVERY_MS);
    this.#follow(following.signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const types = this.#scoreWatchers.size > 0 ? [...ALWAYS, 'scores' as const] : ALWAYS;
    const since = this.#since;
    const onLost = () => {
      if (!signal.aborted) this.reach.value = this.status.value === null ? 'unreachable' : 'lost';
    };
    try {
      const from = since === undefined ? {} : { since };
      const events = this.client.events({ types, over: 'websocket', signal, onLost, ...from });
      for await (const message of events) {
        if (signal.aborted) return;
        this.#since = message.sequence;
        this.take(message);
      }
    } catch (error) {
      if (!signal.aborted) this.#note(error);
    }
  }

  #note(error: unknown): void {
    if (!(error instanceof ServiceError)) throw error;
    this.trouble.value = error.message;
    if (error.status === 401) this.reach.value = 'refused';
    else if (this.status.value === null) this.reach.value = 'unreachable';
    else if (error.isPassing) this.reach.value = 'lost';
  }

  /** Takes a message of the daemon. */
  take(message: Message): void {
    const status = this.status.value;
    switch (message.type) {
      case 'snapshot':
        this.status.value = message.status;
        this.reach.value = 'live';
        this.trouble.value = null;
        this.#askForJobs();
        this.changes.value++;
        return;
      case 'scores':
        this.#paceScores(message);
        return;
      case 'detection':
        for (const watcher of this.#detectionWatchers) watcher(message);
        this.#add({ ...message, answeredBy: null });
        return;
      case 'outvoted':
        this.#add({ ...message, cost: null, answeredBy: message.room });
        return;
      case 'keyword':
        this.#takeJob(message);
        return;
      default:
    }
    if (status === null) return;
    switch (message.type) {
      case 'gate':
        this.status.value = { ...status, gate: { ...status.gate, open: message.open, score: message.score } };
        if (!message.open) this.changes.value++;
        return;
      case 'classifier':
        this.status.value = { ...status, classifier: { ...status.classifier, state: message.state } };
        return;
      case 'input': {
        const { name, state, reason, problem } = message;
        this.status.value = { ...status, input: { ...status.input, name, state, reason, problem } };
        return;
      }
      case 'problem': {
        const others = status.problems.filter(({ part }) => part !== message.part);
        const { part, problem } = message;
        this.status.value = {
          ...status,
          problems: problem === null ? others : [...others, { part, problem }],
        };
        // What has it shows more than the problem, such as whether it is connected.
        this.refresh();
        return;
      }
      case 'config':
        this.changes.value++;
        this.refresh();
        return;
      default:
    }
  }

  /** Shows those that come at once one after the other, as they were heard. */
  #paceScores(scores: ScoresEvent): void {
    this.#late.push(scores);
    while (this.#late.length > MOST_LATE) this.#showScores(this.#late.shift()!);
    if (this.#lateTimer !== undefined) return;
    if (performance.now() - this.#scoresMs >= TENTH_MS) this.#showScores(this.#late.shift()!);
    if (this.#late.length > 0) this.#lateTimer = setTimeout(this.#showLate, TENTH_MS);
  }

  readonly #showLate = (): void => {
    this.#lateTimer = undefined;
    this.#showScores(this.#late.shift()!);
    if (this.#late.length > 0) this.#lateTimer = setTimeout(this.#showLate, TENTH_MS);
  };

  #showScores(scores: ScoresEvent): void {
    this.#scoresMs = performance.now();
    for (const watcher of this.#scoreWatchers) watcher(scores);
  }

  #add({ sequence, keyword, label, heardAt, score, cost, answeredBy }: HeardWord): void {
    const word: HeardWord = { sequence, keyword, label, heardAt, score, cost, answeredBy };
    this.detections.value = [word, ...this.detections.value].slice(0, MOST_DETECTIONS);
    this.changes.value++;
  }

  #takeJob({ name, phrase, state, stage, done, of, problem, advice }: KeywordJob): void {
    const job: KeywordJob = { name, phrase, state, stage, done, of, problem, advice };
    const others = this.jobs.value.filter((known) => known.name !== name);
    this.jobs.value = [job, ...others];
    if (state === 'done') this.refresh();
  }

  async #askForJobs(): Promise<void> {
    try {
      this.jobs.value = await this.client.keywordJobs();
    } catch (error) {
      this.#note(error);
    }
  }
}

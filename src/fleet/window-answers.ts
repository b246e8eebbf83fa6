import type { Incoming } from '../broker/index.js';
import type { Classifier } from '../classifier/index.js';
import { asWakegateError } from '../errors.js';
import { encodeAnswer, type FleetAnswer } from './answer.js';
import type { FleetConnection } from './fleet-connection.js';
import { RecentWindows } from './recent-windows.js';
import { movedMean } from './remote-counts.js';
import type { FleetTopics, WindowsPlace } from './topics.js';

export interface WindowAnswersOptions {
  readonly connection: Pick<FleetConnection, 'publish'>;
  readonly topics: FleetTopics;
  /** Of this worker. */
  readonly name: string;
  /** @throws WakegateError where there is none for such windows */
  readonly classifierOf: (place: WindowsPlace) => Classifier | Promise<Classifier>;
  readonly onProblem: (kind: string, sentence: string) => void;
}

/** A window comes again once, where its answer is late, and once more where a broker was lost. */
const MOST_TIMES = 3;
const LAG_SHARE = 0.05;
const ANSWER_LIVES_MS = 5000;

type Answered = FleetAnswer extends infer Kind
  ? Kind extends unknown
    ? Omit<Kind, 'worker'>
    : never
  : never;

/** A worker's answers to windows: each checked, classified, answered once, and acknowledged when it is. */
export class WindowAnswers {
  readonly counts = { answered: 0, refused: 0, duplicates: 0, cpuMs: 0, lagMs: 0 };
  readonly #options: WindowAnswersOptions;
  readonly #recent = new RecentWindows();
  #underWay = 0;
  #onIdle: () => void = () => {};
  #isOver = false;

  constructor(options: WindowAnswersOptions) {
    this.#options = options;
  }

  async take(message: Incoming, place: WindowsPlace): Promise<void> {
    this.#underWay++;
    try {
      await this.#take(message, place);
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) this.#onIdle();
    }
  }

  /** Resolves when there is nothing left to answer. */
  idle(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Nothing is answered any more. */
  end(): void {
    this.#isOver = true;
  }

  async #take(message: Incoming, place: WindowsPlace): Promise<void> {
    const { topics, name, connection, onProblem } = this.#options;
    const { topic, payload, correlation, responseTopic } = message;
    const cameMs = performance.now();
    if (correlation?.length !== 8 || responseTopic !== topics.answers(place.satellite)) {
      message.acknowledge();
      this.counts.refused++;
      const sentence = `A message on ${topic} was ignored: it wants its answer on ${responseTopic ?? 'no topic'}, and ${topics.answers(place.satellite)} is the only one for it`;
      onProblem(`response ${topic}`, sentence);
      return;
    }
    const recent = this.#recent.came(place.satellite, correlation);
    if (recent.times > 1) this.counts.duplicates++;
    if (recent.times > MOST_TIMES) {
      message.acknowledge();
      onProblem(
        `replayed ${place.satellite}`,
        `A handoff of ${place.satellite} came ${recent.times} times and was ignored: does somebody replay it? "wakegate fleet acl" writes rules that let only ${place.satellite} send there`,
      );
      return;
    }
    if (recent.isUnderWay) {
      // The answer to the first is the answer to both.
      message.acknowledge();
      return;
    }
    let answer = recent.answer;
    if (answer === null) {
      recent.isUnderWay = true;
      const answered = await this.#classify(payload, place, cameMs);
      recent.isUnderWay = false;
      answer = encodeAnswer({ worker: name, ...answered });
      // What was refused because something was missing here may be answered the next time.
      if ('posteriors' in answered || answered.code === 'WG_HANDOFF_INVALID') recent.answer = answer;
    }
    if (this.#isOver) return; // unacknowledged, so that the broker gives it to another worker where it can
    const about = { topic: responseTopic, correlation };
    connection.publish({ ...about, payload: answer, qos: 0, livesMs: ANSWER_LIVES_MS });
    message.acknowledge();
  }

  async #classify(payload: Buffer, place: WindowsPlace, cameMs: number): Promise<Answered> {
    const { counts } = this;
    try {
      const classifier = await this.#options.classifierOf(place);
      const answer = await classifier.classify(payload);
      if (answer === null) throw new Error('there was no room for it');
      const { posteriors, cpuMs } = answer;
      const lagMs = performance.now() - cameMs;
      counts.answered++;
      counts.cpuMs += cpuMs;
      counts.lagMs = movedMean(counts.lagMs, lagMs, LAG_SHARE);
      return { posteriors, cpuMs, lagMs };
    } catch (error) {
      const problem = asWakegateError(error, 'WG_CLASSIFIER_FAILED', 'it cannot be answered');
      const { code, message: sentence } = problem;
      const { satellite } = place;
      counts.refused++;
      if (!this.#isOver)
        this.#options.onProblem(`${code} ${satellite}`, `A handoff of ${satellite} was refused: ${sentence}`);
      return { code, sentence };
    }
  }
}

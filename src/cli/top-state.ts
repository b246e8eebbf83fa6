import type { Message, Status } from '../client/index.js';

type Detection = Extract<Message, { type: 'detection' }>;
type Scores = Extract<Message, { type: 'scores' }>;

/** How long a posterior is shown after it was last judged. */
const SHOWN_MS = 2000;
const MOST_DETECTIONS = 20;

/** What `wakegate top` knows: the newest snapshot, and what has become of it since. */
export class TopState {
  /** Null before the first snapshot. */
  status: Status | null = null;
  scores: Scores | null = null;
  /** By keyword: the newest posterior, and until when it is shown. */
  readonly #posteriors = new Map<string, { value: number; untilMs: number }>();
  /** Newest first. */
  detections: readonly Detection[] = [];
  isConnected = false;

  /** @param nowMs on a clock that only goes forward */
  take(message: Message, nowMs: number): void {
    if (message.type === 'snapshot') {
      this.status = message.status;
      this.scores = null;
      this.isConnected = true;
      return;
    }
    if (message.type === 'scores') this.#hear(message, nowMs);
    if (message.type === 'detection') {
      this.detections = [message, ...this.detections].slice(0, MOST_DETECTIONS);
    }
    if (this.status) this.status = changed(this.status, message);
  }

  lost(): void {
    this.isConnected = false;
    this.scores = null;
  }

  /** Null where it was not judged lately. */
  posteriorOf(keyword: string, nowMs: number): number | null {
    const known = this.#posteriors.get(keyword);
    return known && nowMs < known.untilMs ? known.value : null;
  }

  #hear(scores: Scores, nowMs: number): void {
    this.scores = scores;
    for (const [keyword, value] of Object.entries(scores.posteriors ?? {})) {
      this.#posteriors.set(keyword, { value, untilMs: nowMs + SHOWN_MS });
    }
  }
}

/** The status after an event. */
function changed(status: Status, event: Message): Status {
  switch (event.type) {
    case 'input': {
      const { name, state, reason, problem } = event;
      return { ...status, input: { ...status.input, name, state, reason, problem } };
    }
    case 'classifier':
      return { ...status, classifier: { ...status.classifier, state: event.state } };
    case 'gate':
      return { ...status, gate: { ...status.gate, open: event.open } };
    case 'problem': {
      const { part, problem } = event;
      const others = status.problems.filter((one) => one.part !== part);
      return { ...status, problems: problem === null ? others : [...others, { part, problem }] };
    }
    case 'config': {
      const { keyword, model } = event;
      const keywords = status.keywords.map((one) => (one.name === keyword?.name ? keyword : one));
      return { ...status, keywords, ...(model && { model }) };
    }
    default:
      return status;
  }
}

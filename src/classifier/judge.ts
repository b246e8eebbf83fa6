import type { HeldSound } from '../audio/sound-pages.js';
import type { Detection, Detector } from './detector.js';
import type { SecondLookStage, SecondLookVerdict } from './second-look-stage.js';
import type { CostedClassification } from './types.js';

/** An answer, and what is remembered of its handoff. */
export interface Answered<Sent> {
  readonly answer: CostedClassification;
  /** Sample number at which its stream began. */
  readonly begin: number;
  /** What a second look would hear; null without one. */
  readonly sound: HeldSound | null;
  readonly sent: Sent;
}

/** What comes of judging. */
export interface JudgeEvents<Sent> {
  onPosition(sample: number, scores: Float32Array): void;
  onDetection(detection: Detection, verdict: SecondLookVerdict | null, sent: Sent): void;
  onVerdict(verdict: SecondLookVerdict, agreed: boolean, sent: Sent): void;
  /** A second look got no answer, and the detector decided alone. */
  onFault(error: unknown): void;
  /** A second look begins, or has ended. */
  onLooking(looking: boolean): void;
}

/**
 * Second looks at positions in a row: the mean of a word rises and falls over as many, and the second network may be the last to be sure
 * of it. A look costs as much as fifty handoffs.
 */
export const MOST_LOOKS = 8;

/**
 * Judges the answers of one stream, position by position: the detector, and a second look at what it would detect. While a look is
 * under way later answers wait, so that the same sound is judged the same, however fast answers come.
 */
export class Judge<Sent> {
  readonly detector: Detector;
  readonly #secondLook: SecondLookStage | null;
  readonly #back: { readonly positions: number; readonly classes: number; readonly spacing: number };
  readonly #events: JudgeEvents<Sent>;
  /** In order, with the position that is next. */
  readonly #unjudged: { readonly answered: Answered<Sent>; position: number }[] = [];
  #looking = false;
  #looksInARow = 0;
  #lastPosition = Number.NEGATIVE_INFINITY;
  #looks = 0;
  #refused = 0;

  /** @param back positions of an answer, numbers in each, and samples from one to the next */
  constructor(
    detector: Detector,
    secondLook: SecondLookStage | null,
    back: { readonly positions: number; readonly classes: number; readonly spacing: number },
    events: JudgeEvents<Sent>,
  ) {
    this.detector = detector;
    this.#secondLook = secondLook;
    this.#back = back;
    this.#events = events;
  }

  /** Second looks, and those that did not agree. */
  get looks(): { readonly count: number; readonly refused: number } {
    return { count: this.#looks, refused: this.#refused };
  }

  push(answered: Answered<Sent>): void {
    this.#unjudged.push({ answered, position: 0 });
    this.#judge();
  }

  /** All that can be judged before a second look has its answer. */
  #judge(): void {
    while (!this.#looking && this.#unjudged.length > 0) {
      const next = this.#unjudged[0];
      const { answered } = next;
      const sample = this.#sampleOf(answered, next.position);
      const isNew = sample > this.#lastPosition;
      const candidate = isNew ? this.#judgePosition(answered, next.position, sample) : null;
      if (++next.position === this.#back.positions) this.#unjudged.shift();
      // Handoffs overlap where one follows another sooner than it must.
      if (!isNew) continue;
      this.#looksInARow = candidate ? this.#looksInARow + 1 : 0;
      if (candidate === null) continue;
      if (!this.#asksAbout(candidate) || answered.sound === null) {
        if (this.#secondLook) this.detector.accept(candidate);
        this.#events.onDetection(candidate, null, answered.sent);
      } else if (this.#looksInARow <= MOST_LOOKS) {
        void this.#lookAgain(this.#secondLook!, candidate, answered, answered.sound);
      }
    }
  }

  /** The second look of a pack knows nothing of keywords that were added to it. */
  #asksAbout({ keyword }: Detection): boolean {
    return this.#secondLook !== null && Object.hasOwn(this.#secondLook.keywords, keyword);
  }

  #sampleOf({ answer }: Answered<Sent>, position: number): number {
    const { positions, spacing } = this.#back;
    return answer.endSample - (positions - 1 - position) * spacing;
  }

  #judgePosition({ answer, begin }: Answered<Sent>, position: number, sample: number): Detection | null {
    const { classes, spacing } = this.#back;
    // A window at the start of a stream reaches back to the silence that is taken to come before it.
    if (sample <= begin) return null;
    if (sample > this.#lastPosition + spacing) this.detector.gap();
    this.#lastPosition = sample;
    const detected = this.detector.push(sample, answer.posteriors, position * classes);
    this.#events.onPosition(sample, this.detector.scores);
    return detected;
  }

  /** A detection where the second network agrees; where it cannot be asked, by the posterior alone. */
  async #lookAgain(
    secondLook: SecondLookStage,
    candidate: Detection,
    { sent }: Answered<Sent>,
    sound: HeldSound,
  ): Promise<void> {
    this.#looking = true;
    this.#events.onLooking(true);
    let verdict: SecondLookVerdict | null = null;
    try {
      verdict = await secondLook.judge(candidate, sound);
    } catch (error) {
      this.#events.onFault(error);
    }
    const agreed = (verdict ?? candidate).score >= this.detector.thresholdOf(candidate.keywordIndex);
    if (verdict) {
      this.#looks++;
      if (!agreed) this.#refused++;
      this.#events.onVerdict(verdict, agreed, sent);
    }
    if (agreed) {
      this.detector.accept(candidate);
      this.#events.onDetection(candidate, verdict, sent);
    }
    this.#looking = false;
    this.#judge();
    this.#events.onLooking(false);
  }
}

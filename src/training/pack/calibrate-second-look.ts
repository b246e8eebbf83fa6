import { logit } from '../../classifier/index.js';
import { allowFalseAccepts, type KeywordScores, LOWEST, thresholdBetween } from './calibrate-keywords.js';

/** Thresholds of the detector alone, and how the second look's score is moved so that they are right with it too. */
export interface SecondLookCalibration {
  readonly thresholds: Readonly<Record<string, number>>;
  readonly biases: Readonly<Record<string, number>>;
  /** Recordings without a keyword that reach the threshold all the same: alone, and with a second look. */
  readonly falseAccepts: Readonly<Record<string, { readonly alone: number; readonly joined: number }>>;
}

/**
 * Calibrates both cases on the same recordings, each for at most `budget` false accepts.
 *
 * @param alone highest smoothed posteriors of each keyword
 * @param joined highest scores after a second look without a bias, keywords in the same order; 0 where none was asked for
 * @param lowest how sure both have to be at least, by the mean of their logits
 */
export function calibrateSecondLook(
  alone: readonly KeywordScores[],
  joined: readonly KeywordScores[],
  budget: number,
  lowest = LOWEST,
): SecondLookCalibration {
  const halved = joined.map(({ keyword, own, others }) => ({
    keyword,
    own: own.map(halfAsSure),
    others: others.map(halfAsSure),
  }));
  const allowedAlone = allowFalseAccepts(alone, budget);
  const allowedJoined = allowFalseAccepts(joined, budget);
  const of = alone.map((scores, i) => {
    const threshold = thresholdBetween(scores, allowedAlone[i]);
    const cut = thresholdBetween(halved[i], allowedJoined[i], lowest);
    return {
      keyword: scores.keyword,
      threshold,
      bias: Number((logit(threshold) - 2 * logit(cut)).toFixed(3)),
      falseAccepts: { alone: allowedAlone[i], joined: allowedJoined[i] },
    };
  });
  const by = <T>(value: (one: (typeof of)[number]) => T) =>
    Object.fromEntries(of.map((one) => [one.keyword, value(one)]));
  return {
    thresholds: by(({ threshold }) => threshold),
    biases: by(({ bias }) => bias),
    falseAccepts: by(({ falseAccepts }) => falseAccepts),
  };
}

/** Half the logit: a sum of two is twice as far from 0, where a threshold has too few digits. */
function halfAsSure(score: number): number {
  return score <= 0 ? 0 : 1 / (1 + Math.sqrt((1 - score) / score));
}

import type { ModelPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { detCurve } from './det.js';
import type { Evaluation } from './evaluation.js';
import { gateCurve } from './gate-curve.js';
import { compression, sparsity, stoppedSteps } from './gate-figures.js';
import { groupedBy, mapped, turned } from './groups.js';
import type { HeardClips } from './hear-all.js';
import { operatingCurve } from './operating-curve.js';
import { type Heard, perHour, rateOf } from './rates.js';
import { accuracyOverClasses } from './recalls.js';
import { cpuPerSecond, latency } from './timing.js';

/** The figures of what was heard. */
export function evaluate(pack: ModelPack, heardClips: HeardClips): Evaluation {
  const { conditions, crossFitted, skipped, others, byKind } = heardClips;
  const names = pack.keywords.map(({ name }) => name);
  const negatives = [...Object.values(byKind).flat(), ...others];
  const keywordsHeard = names.filter((name) => conditions.clean.some(({ clip }) => clip.label === name));
  const missed = ({ clip, keywords }: Heard) => !keywords.includes(clip.label);
  const each = <T>(make: (heard: readonly Heard[]) => T) => mapped(conditions, make);
  const missedIn = (heard: readonly Heard[], of: (clip: Clip) => string) =>
    mapped(groupedBy(heard, of), (some) => rateOf(some, missed));
  return {
    pack: pack.name,
    skipped,
    crossFitted,
    falseRejects: each((heard) => rateOf(heard, missed)),
    falseRejectsByKeyword: turned(each((heard) => missedIn(heard, ({ label }) => label))),
    falseRejectsByCorpus: turned(each((heard) => missedIn(heard, ({ corpus }) => corpus))),
    confused: each((heard) =>
      rateOf(heard, ({ clip, keywords }) => keywords.some((keyword) => keyword !== clip.label)),
    ),
    falseStops: each((heard) => rateOf(heard, ({ account }) => account.openings === 0)),
    falseAccepts: {
      ...mapped(byKind, (heard) => perHour(heard)),
      ...(others.length > 0 ? { 'other words': perHour(others) } : {}),
      ...(negatives.length > 0 ? { all: perHour(negatives) } : {}),
    },
    falseAcceptsByKeyword:
      negatives.length > 0 ? Object.fromEntries(names.map((name) => [name, perHour(negatives, name)])) : {},
    falseAcceptsByCorpus: mapped(
      groupedBy(negatives, ({ corpus }) => corpus),
      (heard) => perHour(heard),
    ),
    otherWords: others.length > 0 ? rateOf(others, ({ keywords }) => keywords.length > 0) : null,
    otherWordsStopped: others.length > 0 ? rateOf(others, ({ account }) => account.openings === 0) : null,
    balancedAccuracy: accuracyOverClasses(conditions.clean, others, byKind.noise ?? []),
    stopped: {
      ...mapped(byKind, stoppedSteps),
      ...(others.length > 0 ? { 'other words': stoppedSteps(others) } : {}),
    },
    stoppedByCorpus: mapped(
      groupedBy(Object.values(byKind).flat(), ({ corpus }) => corpus),
      stoppedSteps,
    ),
    compression: compression(conditions.clean),
    sparsity: sparsity(
      pack,
      conditions.clean.map(({ clip }) => clip),
    ),
    latencyMs: latency(conditions.clean),
    cpuMsPerSecond: cpuPerSecond(negatives.length > 0 ? negatives : conditions.clean),
    det: negatives.length > 0 ? each((heard) => detCurve(pack, heard, negatives)) : {},
    detByKeyword:
      negatives.length > 0
        ? Object.fromEntries(
            keywordsHeard.map((name) => [name, detCurve(pack, conditions.clean, negatives, name)]),
          )
        : {},
    operatingCurve: negatives.length > 0 ? operatingCurve(pack, conditions, negatives) : [],
    operatingCurveAlone:
      negatives.length > 0 && negatives[0].verdicts !== null
        ? operatingCurve(pack, mapped(conditions, alone), alone(negatives))
        : null,
    gateCurve: gateCurve(
      pack,
      Object.values(conditions).flatMap((heard) => heard.map(({ account }) => account.maxScore)),
      mapped(byKind, (heard) => heard.map(({ clip }) => clip)),
    ),
  };
}

/** As heard without a second look. */
function alone(heard: readonly Heard[]): Heard[] {
  return heard.map((one) => ({ ...one, verdicts: null }));
}

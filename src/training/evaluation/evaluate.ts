import { WakegateError } from '../../errors.js';
import type { ModelPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { atSnr } from '../feed/add-noise.js';
import { Random } from '../random.js';
import { detCurve } from './det.js';
import type { Evaluation } from './evaluation.js';
import { gateCurve } from './gate-curve.js';
import { compression, sparsity, stoppedSteps } from './gate-figures.js';
import { type ByName, groupedBy, mapped, turned } from './groups.js';
import { ClipListener, type ListenOptions } from './listen-to-clips.js';
import { type Heard, perHour, rateOf } from './rates.js';
import { accuracyOverClasses } from './recalls.js';
import { cpuPerSecond, latency } from './timing.js';

export interface EvaluateOptions extends ListenOptions {
  /** Levels at which noise is added to the keyword clips, in dB below their active parts. */
  readonly snrDb: readonly number[];
}

/** What was heard: in keyword clips by condition, in other words, and in recordings without a word by kind. */
interface HeardClips {
  readonly conditions: ByName<Heard[]>;
  readonly others: readonly Heard[];
  readonly byKind: ByName<Heard[]>;
}

const KINDS = ['speech', 'noise', 'music'] as const;

/**
 * Runs every clip through a stream of its own, as `wakegate detect` does.
 *
 * @throws WakegateError WG_DATA_INVALID where there is nothing to measure, or no noise to add
 */
export async function evaluate(
  pack: ModelPack,
  clips: readonly Clip[],
  options: EvaluateOptions,
): Promise<Evaluation> {
  const names = pack.keywords.map(({ name }) => name);
  const positives = clips.filter(({ kind, label }) => kind === 'word' && names.includes(label));
  checkMeasurable(pack, positives, clips, options);

  const { conditions, others, byKind } = await listenToAll(pack, positives, clips, options);
  const negatives = Object.values(byKind).flat();
  const keywordsHeard = names.filter((name) => positives.some(({ label }) => label === name));
  const missed = ({ clip, keywords }: Heard) => !keywords.includes(clip.label);
  const each = <T>(make: (heard: Heard[]) => T) => mapped(conditions, make);
  const missedIn = (heard: readonly Heard[], of: (clip: Clip) => string) =>
    mapped(groupedBy(heard, of), (some) => rateOf(some, missed));
  return {
    pack: pack.name,
    falseRejects: each((heard) => rateOf(heard, missed)),
    falseRejectsByKeyword: turned(each((heard) => missedIn(heard, ({ label }) => label))),
    falseRejectsByCorpus: turned(each((heard) => missedIn(heard, ({ corpus }) => corpus))),
    confused: each((heard) =>
      rateOf(heard, ({ clip, keywords }) => keywords.some((keyword) => keyword !== clip.label)),
    ),
    falseStops: each((heard) => rateOf(heard, ({ account }) => account.openings === 0)),
    falseAccepts: {
      ...mapped(byKind, (heard) => perHour(heard)),
      ...(negatives.length > 0 ? { all: perHour(negatives) } : {}),
    },
    falseAcceptsByKeyword:
      negatives.length > 0 ? Object.fromEntries(names.map((name) => [name, perHour(negatives, name)])) : {},
    falseAcceptsByCorpus: mapped(
      groupedBy(negatives, ({ corpus }) => corpus),
      (heard) => perHour(heard),
    ),
    otherWords: others.length > 0 ? rateOf(others, ({ keywords }) => keywords.length > 0) : null,
    balancedAccuracy: accuracyOverClasses(conditions.clean, others, byKind.noise ?? []),
    stopped: mapped(byKind, stoppedSteps),
    stoppedByCorpus: mapped(
      groupedBy(negatives, ({ corpus }) => corpus),
      stoppedSteps,
    ),
    compression: compression(conditions.clean),
    sparsity: sparsity(pack, positives),
    latencyMs: latency(conditions.clean),
    cpuMsPerSecond: cpuPerSecond(negatives.length > 0 ? negatives : conditions.clean),
    det: negatives.length > 0 ? each((heard) => detCurve(pack, heard, negatives)) : {},
    detByKeyword:
      negatives.length > 0
        ? Object.fromEntries(
            keywordsHeard.map((name) => [name, detCurve(pack, conditions.clean, negatives, name)]),
          )
        : {},
    gateCurve: gateCurve(
      pack,
      Object.values(conditions).flatMap((heard) => heard.map(({ account }) => account.maxScore)),
      mapped(byKind, (heard) => heard.map(({ clip }) => clip)),
    ),
  };
}

async function listenToAll(
  pack: ModelPack,
  positives: readonly Clip[],
  clips: readonly Clip[],
  options: EvaluateOptions,
): Promise<HeardClips> {
  const count = clips.length + positives.length * options.snrDb.length;
  const listener = new ClipListener(pack, options, count);
  const conditions: Record<string, Heard[]> = { clean: await listener.hear(positives) };
  const noises = clips.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
  for (const snrDb of options.snrDb) {
    const random = new Random(1000 + snrDb);
    const noisy = positives.map((clip) => ({ ...clip, samples: atSnr(clip.samples, noises, snrDb, random) }));
    conditions[`${snrDb} dB`] = await listener.hear(noisy);
  }
  const isPositive = new Set(positives);
  const others = await listener.hear(clips.filter((clip) => clip.kind === 'word' && !isPositive.has(clip)));
  const byKind: Record<string, Heard[]> = {};
  for (const kind of KINDS) {
    const own = clips.filter((clip) => clip.kind === kind);
    if (own.length > 0) byKind[kind] = await listener.hear(own);
  }
  await listener.close();
  return { conditions, others, byKind };
}

function checkMeasurable(
  pack: ModelPack,
  positives: readonly Clip[],
  clips: readonly Clip[],
  { snrDb }: EvaluateOptions,
): void {
  if (positives.length === 0) {
    const labels = [...new Set(clips.filter(({ kind }) => kind === 'word').map(({ label }) => label))];
    throw new WakegateError(
      'WG_DATA_INVALID',
      `no recording is labelled with a keyword of ${pack.name} (${pack.keywords.map(({ name }) => name).join(', ')}); ` +
        `there are words labelled ${labels.slice(0, 20).join(', ') || 'nothing at all'}`,
    );
  }
  if (snrDb.length > 0 && !clips.some(({ kind }) => kind === 'noise')) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      'there is no recording of kind noise to add: add some to the manifest, or measure without noise',
    );
  }
}

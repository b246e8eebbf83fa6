import { WakegateError } from '../../errors.js';
import type { ModelPack } from '../../model/index.js';
import type { Condition } from '../conditions/condition.js';
import type { Clip } from '../corpus/corpus.js';
import type { ByName } from './groups.js';
import { ClipListener, type ListenOptions } from './listen-to-clips.js';
import type { Heard } from './rates.js';

export interface HearOptions extends ListenOptions {
  /** In which the keyword clips are heard, in addition to clean. */
  readonly conditions: readonly Condition[];
}

/** What was heard in all clips, each in a stream of its own. */
export interface HeardClips {
  /** In keyword clips, by condition: `clean`, then the others. The clips are as they sound there. */
  readonly conditions: { readonly clean: readonly Heard[] } & ByName<readonly Heard[]>;
  /** Conditions that cannot be made on this machine, and why. */
  readonly skipped: ByName<string>;
  /** In clips of other words. */
  readonly others: readonly Heard[];
  /** In recordings without a keyword, by kind. */
  readonly byKind: ByName<readonly Heard[]>;
}

const KINDS = ['speech', 'noise', 'music'] as const;

/**
 * Runs every clip through a stream of its own, as `wakegate detect` does.
 *
 * @throws WakegateError WG_DATA_INVALID where there is nothing to measure, or no noise to add
 */
export async function hearAll(
  pack: ModelPack,
  clips: readonly Clip[],
  options: HearOptions,
): Promise<HeardClips> {
  const names = pack.keywords.map(({ name }) => name);
  const positives = clips.filter(({ kind, label }) => kind === 'word' && names.includes(label));
  const possible = options.conditions.filter((condition) => condition.whyNot() === null);
  checkMeasurable(pack, positives, clips, possible);

  const noises = clips.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
  const count = clips.length + positives.length * possible.length;
  const listener = new ClipListener(pack, options, count);
  const conditions: HeardClips['conditions'] & Record<string, Heard[]> = {
    clean: await listener.hear(positives),
  };
  for (const condition of possible) {
    const changed: Clip[] = [];
    for (const clip of positives) {
      changed.push({ ...clip, samples: await condition.apply(clip.samples, noises) });
    }
    conditions[condition.name] = await listener.hear(changed);
  }
  const isPositive = new Set(positives);
  const others = await listener.hear(clips.filter((clip) => clip.kind === 'word' && !isPositive.has(clip)));
  const byKind: Record<string, Heard[]> = {};
  for (const kind of KINDS) {
    const own = clips.filter((clip) => clip.kind === kind);
    if (own.length > 0) byKind[kind] = await listener.hear(own);
  }
  await listener.close();
  const skipped = options.conditions.flatMap(({ name, whyNot }) => {
    const why = whyNot();
    return why === null ? [] : [[name, why] as const];
  });
  return { conditions, skipped: Object.fromEntries(skipped), others, byKind };
}

function checkMeasurable(
  pack: ModelPack,
  positives: readonly Clip[],
  clips: readonly Clip[],
  conditions: readonly Condition[],
): void {
  if (positives.length === 0) {
    const labels = [...new Set(clips.filter(({ kind }) => kind === 'word').map(({ label }) => label))];
    throw new WakegateError(
      'WG_DATA_INVALID',
      `no recording is labelled with a keyword of ${pack.name} (${pack.keywords.map(({ name }) => name).join(', ')}); ` +
        `there are words labelled ${labels.slice(0, 20).join(', ') || 'nothing at all'}`,
    );
  }
  if (conditions.some(({ needsNoise }) => needsNoise) && !clips.some(({ kind }) => kind === 'noise')) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      'there is no recording of kind noise to add: add some to the manifest, or measure without noise',
    );
  }
}

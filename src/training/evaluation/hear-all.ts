import { WakegateError } from '../../errors.js';
import type { ModelPack } from '../../model/index.js';
import type { Condition } from '../conditions/condition.js';
import type { Clip } from '../corpus/corpus.js';
import { packMeasuredOn } from './fold-packs.js';
import type { ByName } from './groups.js';
import { ClipListener, type ListenOptions } from './listen-to-clips.js';
import type { Heard } from './rates.js';

export interface HearOptions extends ListenOptions {
  /** In which the keyword clips are heard, in addition to clean. */
  readonly conditions: readonly Condition[];
  /** Packs of the same recipe, each of which is measured on corpora that `pack` learned from and it did not. */
  readonly folds?: readonly ModelPack[];
}

/** What was heard in all clips, each in a stream of its own. */
export interface HeardClips {
  /** In keyword clips, by condition: `clean`, then the others. The clips are as they sound there. */
  readonly conditions: { readonly clean: readonly Heard[] } & ByName<readonly Heard[]>;
  /** Of the recordings without a keyword, how much was measured by folds, and of which corpora. */
  readonly crossFitted: { readonly hours: number; readonly corpora: readonly string[] };
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
  const listeners = new Listeners(pack, options, count);
  const conditions: HeardClips['conditions'] & Record<string, Heard[]> = {
    clean: await listeners.hear(positives),
  };
  for (const condition of possible) {
    const changed: Clip[] = [];
    for (const clip of positives) {
      changed.push({ ...clip, samples: await condition.apply(clip.samples, noises) });
    }
    conditions[condition.name] = await listeners.hear(changed);
  }
  const isPositive = new Set(positives);
  const others = await listeners.hear(clips.filter((clip) => clip.kind === 'word' && !isPositive.has(clip)));
  const byKind: Record<string, Heard[]> = {};
  for (const kind of KINDS) {
    const own = clips.filter((clip) => clip.kind === kind);
    if (own.length > 0) byKind[kind] = await listeners.hear(own);
  }
  await listeners.close();
  const crossFitted = listeners.crossFitted(clips.filter((clip) => !isPositive.has(clip)));
  const skipped = options.conditions.flatMap(({ name, whyNot }) => {
    const why = whyNot();
    return why === null ? [] : [[name, why] as const];
  });
  return { conditions, crossFitted, skipped: Object.fromEntries(skipped), others, byKind };
}

/** A listener for each pack that is measured, and a count of all clips that were heard. */
class Listeners {
  readonly #pack: ModelPack;
  readonly #options: HearOptions;
  readonly #of: number;
  readonly #listeners = new Map<ModelPack, ClipListener>();
  #done = 0;

  constructor(pack: ModelPack, options: HearOptions, of: number) {
    this.#pack = pack;
    this.#options = options;
    this.#of = of;
  }

  async hear(clips: readonly Clip[]): Promise<Heard[]> {
    const heard: Heard[] = [];
    for (const clip of clips) {
      heard.push(await this.#listenerFor(clip).hear(clip));
      this.#options.onProgress?.(++this.#done, this.#of);
    }
    return heard;
  }

  crossFitted(clips: readonly Clip[]): HeardClips['crossFitted'] {
    const { folds = [] } = this.#options;
    const byFolds = clips.filter(({ corpus }) => packMeasuredOn(corpus, this.#pack, folds) !== this.#pack);
    const samples = byFolds.reduce((sum, clip) => sum + clip.samples.length, 0);
    return { hours: samples / 16_000 / 3600, corpora: [...new Set(byFolds.map(({ corpus }) => corpus))] };
  }

  #listenerFor({ corpus }: Clip): ClipListener {
    const pack = packMeasuredOn(corpus, this.#pack, this.#options.folds ?? []);
    const listener = this.#listeners.get(pack) ?? new ClipListener(pack, this.#options);
    this.#listeners.set(pack, listener);
    return listener;
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners.values()) await listener.close();
  }
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

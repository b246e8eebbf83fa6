import { WakegateError } from '../../errors.js';
import type { ModelPack } from '../../model/index.js';

/**
 * The corpora whose dev recordings a pack learned from too (`train second words --also-dev`). Its figures on them would flatter it: a
 * pack of the same recipe that learned from others is measured in its place.
 */
export function learnedDevCorpora({ made }: Pick<ModelPack, 'made'>): readonly string[] {
  return Array.isArray(made.alsoDev) ? made.alsoDev.map(String) : [];
}

/**
 * Which pack is measured on a corpus: the pack itself, or the first of `folds` that did not learn from it.
 *
 * @throws WakegateError WG_DATA_INVALID where there are folds and each learned from it
 */
export function packMeasuredOn<P extends Pick<ModelPack, 'name' | 'made'>>(
  corpus: string,
  pack: P,
  folds: readonly P[],
): P {
  const isUnheard = (one: P) => !learnedDevCorpora(one).includes(corpus);
  const measured = folds.length === 0 ? pack : [pack, ...folds].find(isUnheard);
  if (measured) return measured;
  throw new WakegateError(
    'WG_DATA_INVALID',
    `${pack.name} and each of its folds learned from ${corpus}: name a fold that did not, or leave these recordings out`,
  );
}

import { RECIPES, type RecipeName } from './features.js';
import { FRONT_BLOCKS } from './network.js';
import type { RunSettings } from './run.js';

/** The runs of the study, those that other figures are compared with first. */

export const ALPHA = 1;
export const BETA = 0.1;
export const ALPHAS = [0.3, ALPHA, 3] as const;
export const BETAS = [0, BETA, 0.3, 1] as const;
export const SEEDS = [1, 2, 3] as const;
export const BLOCKS = [1, 2, FRONT_BLOCKS] as const;

interface Choices {
  readonly alpha?: number;
  readonly beta?: number;
  readonly block?: number;
  readonly recipe?: RecipeName;
  readonly seed?: number;
  readonly distilled?: boolean;
}

export function gatedRun({
  alpha = ALPHA,
  beta = BETA,
  block = FRONT_BLOCKS,
  recipe = 'all',
  seed = 1,
  distilled = false,
}: Choices = {}): RunSettings {
  const from = distilled ? ', distilled' : '';
  const name = `gated, alpha ${alpha}, beta ${beta}, block ${block}, ${recipe}${from}, seed ${seed}`;
  return { name, seed, recipe, distilled, gate: { block, alpha, beta } };
}

export function plainRun(seed: number): RunSettings {
  return { name: `plain, seed ${seed}`, seed, recipe: 'all', distilled: false, gate: null };
}

export function plannedRuns(): RunSettings[] {
  const runs = [
    ...SEEDS.flatMap((seed) => [gatedRun({ seed }), plainRun(seed)]),
    ...BETAS.map((beta) => gatedRun({ beta })),
    ...ALPHAS.map((alpha) => gatedRun({ alpha })),
    ...BLOCKS.map((block) => gatedRun({ block })),
    gatedRun({ distilled: true }),
    ...(Object.keys(RECIPES) as RecipeName[]).map((recipe) => gatedRun({ recipe })),
  ];
  return [...new Map(runs.map((run) => [run.name, run])).values()];
}

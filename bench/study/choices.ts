import { RECIPES, type RecipeName } from './features.js';
import { CONDITIONS, difference } from './measures.js';
import { frontMacs } from './network.js';
import { ALPHAS, BETAS, BLOCKS, gatedRun } from './plan.js';
import type { Results } from './results.js';
import type { RunResult } from './run.js';
import { percent, points, type Section, stops } from './section.js';

/** What becomes of a network with a GC layer when one thing about it is chosen otherwise: (a), (d) and (e). */

const DIALS = {
  alpha: 'alpha: speech stopped at 1 % false stops, and accuracy',
  beta: 'beta: compression against accuracy',
} as const;

/** (a) What a dial of the loss does while the other stands still. */
export function dialSection(found: Results, dial: 'alpha' | 'beta'): Section {
  const values: readonly number[] = dial === 'alpha' ? ALPHAS : BETAS;
  const runs = found.of(values.map((value) => gatedRun({ [dial]: value })));
  const summaries = runs.map((run) => ({ value: run.settings.gate![dial], ...found.summary(run) }));
  return {
    title: `(a) ${dial}`,
    head: [
      dial,
      'accuracy, clean',
      'accuracy, noise',
      'speech stopped, clean',
      'noise',
      'zeros',
      'compression',
    ],
    rows: summaries.map(({ value, accuracy, gate }) => [
      `${value}`,
      percent(accuracy.clean),
      percent(accuracy.noisy),
      stops(gate!.stopped.clean.speech),
      stops(gate!.stopped.noisy.speech),
      percent(gate!.zeros),
      percent(gate!.compression),
    ]),
    picture: { file: `trade-off-${dial}.svg`, title: DIALS[dial] },
  };
}

/** (d) */
export function placeOfGate(found: Results): Section {
  const runs = found.of(BLOCKS.map((block) => gatedRun({ block })));
  const summaries = runs.map((run) => ({ block: run.settings.gate!.block, ...found.summary(run) }));
  return {
    title: '(d) the GC layer after the first, second, third block',
    head: [
      'after block',
      'MACs a step before it',
      'accuracy, clean',
      'accuracy, noise',
      'speech stopped, clean',
      'noise',
      'silence',
      'compression',
    ],
    rows: summaries.map(({ block, accuracy, gate }) => [
      `${block}`,
      `${frontMacs(block)}`,
      percent(accuracy.clean),
      percent(accuracy.noisy),
      stops(gate!.stopped.clean.speech),
      stops(gate!.stopped.noisy.speech),
      stops(gate!.stopped.clean.silence),
      percent(gate!.compression),
    ]),
    picture: { file: 'place-of-the-gate.svg', title: 'Where the layer sits: stopped at 1 % false stops' },
  };
}

/** (e) Each augmentation left out, and the distilled start put in, against the run with all of them. */
export function augmentations(found: Results): Section {
  const [full] = found.of([gatedRun()]);
  const others = [
    ...(Object.keys(RECIPES) as RecipeName[])
      .slice(1)
      .map((recipe) => ({ what: recipe as string, settings: gatedRun({ recipe }) })),
    { what: 'first half from the distilled trunk', settings: gatedRun({ distilled: true }) },
  ];
  const row = (what: string, run: RunResult) => {
    const { accuracy, gate } = found.summary(run);
    const differences = CONDITIONS.map((condition) => {
      const { mean, overWindows } = difference(found.labels[condition], [
        [found.rights(run, condition), found.rights(full, condition)],
      ]);
      return run === full ? '' : `${points(mean)} (${overWindows.map(points).join(' to ')})`;
    });
    return [
      what,
      percent(accuracy.clean),
      differences[0],
      percent(accuracy.noisy),
      differences[1],
      stops(gate!.stopped.noisy.speech),
    ];
  };
  return {
    title: '(e) what each augmentation and the distilled start buy, seed 1',
    head: [
      'training',
      'accuracy, clean',
      'against all',
      'accuracy, noise',
      'against all',
      'speech stopped, noise',
    ],
    rows: full
      ? [
          row('all augmentations', full),
          ...others.flatMap(({ what, settings }) => found.of([settings]).map((run) => row(what, run))),
        ]
      : [],
  };
}

import type { Chart, Point } from '../../src/training/figures/chart.js';
import { RECIPES, type RecipeName } from './features.js';
import { CONDITIONS, difference } from './measures.js';
import { frontMacs } from './network.js';
import { ALPHAS, BETAS, BLOCKS, gatedRun } from './plan.js';
import type { Results } from './results.js';
import type { RunResult } from './run.js';
import { percent, points, type Section, stops } from './section.js';

/** What becomes of a network with a GC layer when one thing about it is chosen otherwise: (a), (d) and (e). */

/** (a) What a dial of the loss does while the other stands still. */
export function dialSection(found: Results, dial: 'alpha' | 'beta'): Section {
  const values: readonly number[] = dial === 'alpha' ? ALPHAS : BETAS;
  const runs = found.of(values.map((value) => gatedRun({ [dial]: value })));
  const summaries = runs.map((run) => ({ value: run.settings.gate![dial], ...found.summary(run) }));
  const x = { label: 'compression of positives, % (1 - entropy / 32 bits)' };
  const chart: Chart =
    dial === 'beta'
      ? {
          title: 'beta: compression against accuracy',
          x,
          y: { label: 'balanced accuracy, %' },
          series: CONDITIONS.map((condition) => ({
            name: condition === 'clean' ? 'clean' : 'noise at 10 dB',
            points: summaries.map(
              ({ gate, accuracy, value }): Point => [
                100 * gate!.compression,
                100 * accuracy[condition],
                `${value}`,
              ],
            ),
          })),
        }
      : {
          title: 'alpha: speech stopped at 1 % false stops, and accuracy',
          x: { label: 'alpha', log: true },
          y: { label: '%' },
          series: [
            {
              name: 'speech stopped, clean',
              points: summaries.map(
                ({ gate, value }): Point => [value, 100 * gate!.stopped.clean.speech.rate],
              ),
            },
            {
              name: 'speech stopped, noise',
              points: summaries.map(
                ({ gate, value }): Point => [value, 100 * gate!.stopped.noisy.speech.rate],
              ),
            },
            {
              name: 'accuracy, clean',
              points: summaries.map(({ accuracy, value }): Point => [value, 100 * accuracy.clean]),
            },
          ],
        };
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
    chart: { file: `trade-off-${dial}.svg`, chart },
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
    chart: {
      file: 'place-of-the-gate.svg',
      chart: {
        title: 'Where the layer sits: stopped at 1 % false stops',
        x: { label: 'MACs a step before the gate' },
        y: { label: '%' },
        series: [
          {
            name: 'speech, clean',
            points: summaries.map(
              ({ block, gate }): Point => [
                frontMacs(block),
                100 * gate!.stopped.clean.speech.rate,
                `block ${block}`,
              ],
            ),
          },
          {
            name: 'speech, noise',
            points: summaries.map(
              ({ block, gate }): Point => [frontMacs(block), 100 * gate!.stopped.noisy.speech.rate],
            ),
          },
          {
            name: 'silence, noise, music',
            points: summaries.map(
              ({ block, gate }): Point => [frontMacs(block), 100 * gate!.stopped.clean.silence.rate],
            ),
          },
        ],
      },
    },
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

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Chart, drawChart, type Point } from '../../src/training/chart.js';
import { RECIPES, type RecipeName } from './features.js';
import {
  balancedAccuracy,
  CONDITIONS,
  type Difference,
  difference,
  gateThreshold,
  type Labels,
  rightBehindGate,
  rightOfSeven,
  type Stops,
  stopsOf,
  summary,
} from './measures.js';
import { frontMacs } from './network.js';
import { ALPHAS, BETAS, BLOCKS, gatedRun, plainRun, SEEDS } from './plan.js';
import type { RunResult, RunSettings } from './run.js';
import { ELSE, SILENCE } from './task.js';
import type { VadScores } from './vad.js';

/** One question of the study: its answer as a table, and a picture or none. */
interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly chart?: { readonly file: string; readonly chart: Chart };
}

/** Writes results.json, tables.md and the pictures of whatever runs are done. */
export async function writeReport(
  folder: string,
  runs: readonly RunResult[],
  labels: Labels,
  vads: Readonly<Record<string, VadScores>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const found = new Results(runs, labels);
  const sections = [
    dialSection(found, 'beta'),
    dialSection(found, 'alpha'),
    withAndWithout(found),
    againstVads(found, vads),
    placeOfGate(found),
    augmentations(found),
  ];
  for (const { chart } of sections) {
    if (chart) await writeFile(join(folder, chart.file), drawChart(chart.chart));
  }
  await writeFile(join(folder, 'tables.md'), sections.map(asMarkdown).join('\n'));
  const results = { windows: countsOf(labels), runs: runs.map((run) => summary(run, labels)) };
  await writeFile(join(folder, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
}

class Results {
  readonly labels: Labels;
  readonly #byName: Map<string, RunResult>;

  constructor(runs: readonly RunResult[], labels: Labels) {
    this.labels = labels;
    this.#byName = new Map(runs.map((run) => [run.settings.name, run]));
  }

  /** The runs that are done, of these. */
  of(settings: readonly RunSettings[]): RunResult[] {
    return settings.flatMap(({ name }) => this.#byName.get(name) ?? []);
  }

  summary(run: RunResult) {
    return summary(run, this.labels);
  }

  rights(run: RunResult, condition: 'clean' | 'noisy') {
    return rightOfSeven(this.labels[condition], run[condition]);
  }
}

/** (a) What a dial of the loss does while the other stands still. */
function dialSection(found: Results, dial: 'alpha' | 'beta'): Section {
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

/** (b) The same network, data, batches and seeds, with a GC layer and without. */
function withAndWithout(found: Results): Section {
  const pairs = SEEDS.flatMap((seed) => {
    const [gated, plain] = [found.of([gatedRun({ seed })])[0], found.of([plainRun(seed)])[0]];
    return gated && plain ? [{ seed, gated, plain }] : [];
  });
  const rows = CONDITIONS.flatMap((condition) => {
    const labels = found.labels[condition];
    const seven = pairs.map(
      ({ gated, plain }) => [found.rights(gated, condition), found.rights(plain, condition)] as const,
    );
    const behind = pairs.map(({ gated, plain }) => {
      const threshold = found.summary(gated).gate!.threshold;
      return [
        rightBehindGate(labels, gated[condition], gated[condition].scores, threshold),
        rightBehindGate(labels, plain[condition], null, 0),
      ] as const;
    });
    return (
      [
        ['seven classes, gate open', seven, false],
        ['words and none, gate at 1 % false stops', behind, true],
      ] as const
    ).map(([what, rights, merged]) => {
      const accuracies = (side: 0 | 1) =>
        rights.map((pair) => percent(balancedAccuracy(labels, pair[side], merged))).join(', ');
      return [
        `${what}, ${condition}`,
        accuracies(0),
        accuracies(1),
        ...differenceCells(difference(labels, rights, merged)),
      ];
    });
  });
  return {
    title: `(b) with GC and without, seeds ${pairs.map(({ seed }) => seed).join(', ')}`,
    head: ['balanced accuracy', 'with GC', 'without', 'difference', '95 % over windows', '95 % over seeds'],
    rows: pairs.length > 0 ? rows : [],
    chart: {
      file: 'with-and-without.svg',
      chart: {
        title: 'The same network with a GC layer and without',
        x: { label: 'balanced accuracy without, %' },
        y: { label: 'balanced accuracy with GC, %' },
        series: [
          ...CONDITIONS.map((condition) => ({
            name: condition === 'clean' ? 'clean' : 'noise at 10 dB',
            draw: 'points' as const,
            points: pairs.map(
              ({ gated, plain, seed }): Point => [
                100 * found.summary(plain).accuracy[condition],
                100 * found.summary(gated).accuracy[condition],
                `seed ${seed}`,
              ],
            ),
          })),
          {
            name: 'the same',
            draw: 'line' as const,
            points: sameOnBoth(
              pairs.flatMap(({ plain, gated }) => [plain, gated]),
              found,
            ),
          },
        ],
      },
    },
  };
}

function sameOnBoth(runs: readonly RunResult[], found: Results): Point[] {
  const all = runs.flatMap((run) =>
    CONDITIONS.map((condition) => 100 * found.summary(run).accuracy[condition]),
  );
  return [Math.min(...all), Math.max(...all)].map((x): Point => [x, x]);
}

const CURVE = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1] as const;

/** (c) The gate against detectors of voice activity, at the same share of false stops. */
function againstVads(found: Results, vads: Readonly<Record<string, VadScores>>): Section {
  const [gated] = found.of([gatedRun()]);
  const [plain] = found.of([plainRun(1)]);
  const { labels } = found;
  const gates = [
    ...(gated
      ? [
          {
            name: 'gate of the GC layer',
            scores: { clean: gated.clean.scores, noisy: gated.noisy.scores },
            behind: gated,
          },
        ]
      : []),
    ...Object.entries(vads).map(([name, scores]) => ({ name, scores, behind: plain })),
  ];
  const at = (scores: VadScores, share?: number) => gateThreshold(labels, scores, share);
  const stopped = (scores: VadScores, label: typeof ELSE | typeof SILENCE, condition: 'clean' | 'noisy') =>
    stopsOf(label, labels[condition], scores[condition], at(scores));
  return {
    title: '(c) stopped at 1 % false stops: the gate, and VADs before the same network',
    head: [
      'gate',
      'speech, clean',
      'speech, noise',
      'silence, noise, music',
      'accuracy behind it, clean',
      'noise',
    ],
    rows: gates.map(({ name, scores, behind }) => [
      name,
      stops(stopped(scores, ELSE, 'clean')),
      stops(stopped(scores, ELSE, 'noisy')),
      stops(stopped(scores, SILENCE, 'clean')),
      ...CONDITIONS.map((condition) =>
        behind
          ? percent(
              balancedAccuracy(
                labels[condition],
                rightBehindGate(labels[condition], behind[condition], scores[condition], at(scores)),
                true,
              ),
            )
          : '',
      ),
    ]),
    chart: {
      file: 'gate-and-vad.svg',
      chart: {
        title: 'Negatives stopped (clean: speech, noise, music, silence) by false stops',
        x: { label: 'false stops, % of words, clean and noisy', log: true },
        y: { label: 'negatives stopped, %', range: [0, 100] },
        series: gates.map(({ name, scores }) => ({
          name,
          points: CURVE.map((share): Point => {
            const threshold = at(scores, share);
            const negatives = scores.clean.filter((_, i) => labels.clean[i] >= ELSE);
            const rate = negatives.filter((score) => score < threshold).length / negatives.length;
            return [100 * share, 100 * rate];
          }),
        })),
      },
    },
  };
}

/** (d) */
function placeOfGate(found: Results): Section {
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
function augmentations(found: Results): Section {
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

function differenceCells({ mean, overWindows, overSeeds }: Difference): string[] {
  const span = (interval: readonly [number, number] | null) =>
    interval ? interval.map(points).join(' to ') : '';
  return [points(mean), span(overWindows), span(overSeeds)];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Percentage points, with their sign. */
function points(share: number): string {
  return `${share < 0 ? '-' : '+'}${Math.abs(100 * share).toFixed(2)}`;
}

function stops({ rate, interval: [low, high] }: Stops): string {
  return `${percent(rate)} (${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)})`;
}

function countsOf({ clean }: Labels) {
  const count = (isOne: (label: number) => boolean) => clean.filter((label) => isOne(label)).length;
  return {
    words: count((label) => label < ELSE),
    speech: count((label) => label === ELSE),
    silence: count((label) => label === SILENCE),
  };
}

function asMarkdown({ title, head, rows, chart }: Section): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `### ${title}`,
    '',
    ...(chart ? [`![${chart.chart.title}](${chart.file})`, ''] : []),
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    '',
  ].join('\n');
}

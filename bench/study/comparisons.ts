import {
  balancedAccuracy,
  CONDITIONS,
  type Difference,
  difference,
  gateThreshold,
  rightBehindGate,
  stopsOf,
} from './measures.js';
import type { GateShare } from './pictures.js';
import { gatedRun, plainRun, SEEDS } from './plan.js';
import type { Results } from './results.js';
import { percent, points, type Section, stops } from './section.js';
import { ELSE, SILENCE } from './task.js';
import type { VadScores } from './vad.js';

/** A network with a GC layer against something else: (b) the same without, (c) detectors of voice activity. */

/** (b) The same network, data, batches and seeds, with a GC layer and without. */
export function withAndWithout(found: Results): Section {
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
    picture: { file: 'with-and-without.svg', title: 'The same network with a GC layer and without' },
  };
}

/** (c) The gate against detectors of voice activity, at the same share of false stops. */
export function againstVads(found: Results, vads: Readonly<Record<string, VadScores>>): Section {
  const { labels } = found;
  const gates = gatesOf(found, vads);
  const at = (scores: VadScores) => gateThreshold(labels, scores);
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
    picture: {
      file: 'gate-and-vad.svg',
      title: 'Negatives stopped (clean: speech, noise, music, silence) by false stops',
    },
  };
}

const CURVE = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1] as const;

/** Of the gate and of each detector the share of clean negatives that it stops, by its share of false stops. */
export function gateCurves(
  found: Results,
  vads: Readonly<Record<string, VadScores>>,
): { name: string; curve: GateShare[] }[] {
  const { labels } = found;
  return gatesOf(found, vads).map(({ name, scores }) => ({
    name,
    curve: CURVE.map((falseStops) => {
      const threshold = gateThreshold(labels, scores, falseStops);
      const negatives = scores.clean.filter((_, i) => labels.clean[i] >= ELSE);
      const stopped = negatives.filter((score) => score < threshold).length / negatives.length;
      return { falseStops, stopped };
    }),
  }));
}

/** The gate and the detectors, with the network behind each. */
function gatesOf(found: Results, vads: Readonly<Record<string, VadScores>>) {
  const [gated] = found.of([gatedRun()]);
  const [plain] = found.of([plainRun(1)]);
  return [
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
}

function differenceCells({ mean, overWindows, overSeeds }: Difference): string[] {
  const span = (interval: readonly [number, number] | null) =>
    interval ? interval.map(points).join(' to ') : '';
  return [points(mean), span(overWindows), span(overSeeds)];
}

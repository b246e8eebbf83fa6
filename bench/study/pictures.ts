import { drawPicture, type Picture, type Point } from '../../src/training/figures/picture.js';
import { CONDITIONS, type summary } from './measures.js';
import { frontMacs } from './network.js';
import { ALPHAS, BETAS, BLOCKS, gatedRun, plainRun, SEEDS } from './plan.js';
import type { RunSettings } from './run.js';

/** What results.json holds: the pictures need no more. */
export interface StudyResults {
  readonly windows: { readonly words: number; readonly speech: number; readonly silence: number };
  readonly runs: readonly ReturnType<typeof summary>[];
  /** Of each gate the share of negatives that it stops, where it may stop a share of the words. */
  readonly gates: readonly { readonly name: string; readonly curve: readonly GateShare[] }[];
}

export interface GateShare {
  readonly falseStops: number;
  readonly stopped: number;
}

/** The pictures of the study, by file name, of whatever runs are done. */
export async function drawStudy(results: StudyResults): Promise<Record<string, string>> {
  const pictures = Object.entries(studyPictures(results));
  return Object.fromEntries(
    await Promise.all(pictures.map(async ([file, picture]) => [file, await drawPicture(picture)])),
  );
}

export function studyPictures({ runs, gates }: StudyResults): Record<string, Picture> {
  const find = <T extends object>(all: readonly (T & { readonly settings: RunSettings })[]) =>
    all.flatMap(({ settings, ...rest }) => {
      const run = runs.find(({ name }) => name === settings.name);
      return run ? [{ ...rest, ...run, gate: run.gate! }] : [];
    });
  const ofBeta = find(BETAS.map((value) => ({ value, settings: gatedRun({ beta: value }) })));
  const ofAlpha = find(ALPHAS.map((value) => ({ value, settings: gatedRun({ alpha: value }) })));
  const ofBlock = find(BLOCKS.map((block) => ({ block, settings: gatedRun({ block }) })));
  const withGate = find(SEEDS.map((seed) => ({ seed, settings: gatedRun({ seed }) })));
  const without = find(SEEDS.map((seed) => ({ seed, settings: plainRun(seed) })));
  const pairs = withGate.flatMap((gated) => {
    const plain = without.find(({ seed }) => seed === gated.seed);
    return plain ? [{ seed: gated.seed, gated: gated.accuracy, plain: plain.accuracy }] : [];
  });
  const accuracies = pairs.flatMap(({ gated, plain }) =>
    CONDITIONS.flatMap((condition) => [100 * gated[condition], 100 * plain[condition]]),
  );
  const ends = accuracies.length > 0 ? [Math.min(...accuracies), Math.max(...accuracies)] : [];

  return {
    'trade-off-beta.svg': {
      title: 'beta: compression against accuracy',
      x: { label: 'compression of positives, % (1 - entropy / 32 bits)' },
      y: { label: 'balanced accuracy, %' },
      series: CONDITIONS.map((condition) => ({
        name: condition === 'clean' ? 'clean' : 'noise at 10 dB',
        points: ofBeta.map(
          ({ gate, accuracy, value }): Point => [
            100 * gate.compression,
            100 * accuracy[condition],
            `beta ${value}`,
          ],
        ),
      })),
    },
    'trade-off-alpha.svg': {
      title: 'alpha: speech stopped at 1 % false stops, and accuracy',
      x: { label: 'alpha', scale: 'log' },
      y: { label: '%' },
      series: [
        {
          name: 'accuracy, clean',
          points: ofAlpha.map(({ accuracy, value }): Point => [value, 100 * accuracy.clean]),
        },
        ...CONDITIONS.map((condition) => ({
          name: `speech stopped, ${condition === 'clean' ? 'clean' : 'noise'}`,
          points: ofAlpha.map(({ gate, value }): Point => [value, 100 * gate.stopped[condition].speech.rate]),
        })),
      ],
    },
    'with-and-without.svg': {
      title: 'The same network with a GC layer and without',
      x: { label: 'balanced accuracy without, %' },
      y: { label: 'balanced accuracy with GC, %' },
      series: [
        ...CONDITIONS.map((condition) => ({
          name: condition === 'clean' ? 'clean' : 'noise at 10 dB',
          draw: 'points' as const,
          points: pairs.map(
            ({ gated, plain, seed }): Point => [
              100 * plain[condition],
              100 * gated[condition],
              `seed ${seed}`,
            ],
          ),
        })),
        { name: 'no difference', draw: 'line' as const, points: ends.map((x): Point => [x, x]) },
      ],
    },
    'gate-and-vad.svg': {
      title: 'Negatives stopped (clean: speech, noise, music, silence) by false stops',
      x: { label: 'false stops, % of words, clean and noisy', scale: 'log' },
      y: { label: 'negatives stopped, %', range: [0, 100] },
      series: gates.map(({ name, curve }) => ({
        name,
        points: curve.map(({ falseStops, stopped }): Point => [100 * falseStops, 100 * stopped]),
      })),
    },
    'place-of-the-gate.svg': {
      title: 'Where the layer sits: stopped at 1 % false stops',
      x: { label: 'MACs a step before the gate' },
      y: { label: 'windows stopped, %' },
      series: [
        {
          name: 'silence, noise, music',
          points: ofBlock.map(
            ({ block, gate }): Point => [
              frontMacs(block),
              100 * gate.stopped.clean.silence.rate,
              `block ${block}`,
            ],
          ),
        },
        ...CONDITIONS.map((condition) => ({
          name: `speech, ${condition === 'clean' ? 'clean' : 'noise'}`,
          points: ofBlock.map(
            ({ block, gate }): Point => [frontMacs(block), 100 * gate.stopped[condition].speech.rate],
          ),
        })),
      ],
    },
  };
}

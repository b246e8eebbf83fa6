import { accuracyOf } from './columns.js';
import type { Comparison } from './compare.js';
import { COMMON_WORD } from './engines.js';

/** Whom anyone would choose instead. */
const SHOWN = [
  'wakegate',
  'microWakeWord',
  'openWakeWord',
  'Porcupine 1.9',
  'Snowboy',
  'wakeforge',
  'node-personal-wakeword',
];

/** The small table of the main README, and what wakegate's CPU is next to that of the others. */
export function asSmallTable(comparison: Comparison): string {
  const { costs, lives } = comparison;
  const shown = SHOWN.filter(
    (name) => accuracyOf(comparison, name, COMMON_WORD) && costs[name] && lives[name],
  );
  const [ours, ...others] = shown;
  const own = accuracyOf(comparison, ours, COMMON_WORD)!;
  const rows = shown.map((name) => {
    const { missed, falseAccepts } = accuracyOf(comparison, name, COMMON_WORD)!.asIs;
    const percent = (share: number) => (100 * share).toFixed(0);
    const { rate, events, of } = falseAccepts.all;
    const cells = [
      name === ours ? `**${name}**` : name,
      `${percent(missed.clean.rate)} / ${percent(missed['10 dB'].rate)} / ${percent(missed['0 dB'].rate)} %`,
      `${rate >= 0.995 ? rate.toFixed(1) : Number(rate.toFixed(2))} (${events} in ${of.toFixed(0)} h)`,
      `${cpu(costs[name].kinds.quiet.median)} / ${cpu(costs[name].kinds.speech.median)}`,
      `${lives[name].quietMb.toFixed(0)} MB`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const times = others.flatMap((name) =>
    ['quiet', 'speech'].map((kind) => costs[name].kinds[kind].median / costs[ours].kinds[kind].median),
  );
  const any = own.anyWord;
  const unseen = shown.flatMap((name) => {
    const rate = accuracyOf(comparison, name, COMMON_WORD)!.asIs.falseAccepts.unseen;
    return rate && rate.of >= 1 ? [`${name} ${rate.events} in ${rate.of.toFixed(1)} h`] : [];
  });
  return [
    `"${COMMON_WORD}", ${own.asIs.missed.clean.of} clips, ${own.asIs.falseAccepts.all.of.toFixed(0)} h without it, one process on one core (\`npm run bench:peers\`).`,
    'So few clips hardly tell the first ones apart in misses; the [comparison](docs/peers/README.md) has the intervals, more engines, more words and how each was run.',
    "Our thresholds were chosen on these very recordings, and the others' were not: read our false accepts as the best case.",
    '',
    '| | missed clean / 10 dB / 0 dB | false accepts an hour | CPU ms/s, quiet / speech | memory |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `It takes ${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} times less CPU time than these, and listens for eight words at that price where the others listen for one` +
      (any === null
        ? '.'
        : ` (all eight words: ${any.all.events} false accepts in ${any.all.of.toFixed(0)} h, ${any.words.events} of them in single words).`),
    ...(unseen.length > 0
      ? [`On speech that none of our thresholds was chosen on: ${unseen.join(', ')}.`]
      : []),
  ].join('\n');
}

function cpu(ms: number): string {
  return ms.toFixed(ms >= 9.95 ? 1 : 2);
}

import { CONDITIONS } from './audio.js';
import { accuracyOf, COLUMNS, hourlyCell, percentCell } from './columns.js';
import type { Comparison } from './compare.js';
import { COMMON_WORD, type EngineDescription, WORDS } from './engines.js';
import { verdicts } from './verdicts.js';

/** Porcupine 4 cannot be run here; what its maker says about it is on https://picovoice.ai/docs/faq/porcupine/ (read November 2026). */
const PORCUPINE_4 =
  'Porcupine 4 is not in the table: it needs a key that its maker checks online. Its maker publishes, on recordings and noise ' +
  'of its own choice, a detection rate of "91%+" with less than one false alarm in 10 hours at 10 dB ' +
  '([FAQ](https://picovoice.ai/docs/faq/porcupine/)); nobody here has measured that.';

/** The comparison as Markdown, for docs/peers/README.md. */
export function asMarkdown(
  comparison: Comparison,
  engines: readonly EngineDescription[],
  picture: string,
): string {
  const shown = engines.filter(({ name }) => name in comparison.costs);
  const missing = Object.entries(comparison.missing).map(
    ([name, reason]) => `- **${name}** could not be started: ${reason}.`,
  );
  const wins = verdicts(comparison, shown).map((sentence) => `- ${sentence}`);
  return [
    [
      `\`npm run bench:peers\` (${comparison.machine}).`,
      `The word is "${COMMON_WORD}", the only one that all can hear; ${sizes(comparison)}.`,
      'Rates have 95 % intervals (Clopper-Pearson; Garwood for counts per hour).',
      'Other figures are the median and, in brackets, the least and the most of the runs.',
      'Each engine is one process on one core, and its first run is not counted.',
      'A best setting is the threshold or sensitivity that misses least with at most one false accept, chosen on these same recordings for every engine.',
      'In bold: the best that hears words.',
    ].join('\n'),
    mainTable(comparison, shown),
    `![What each engine misses, its false accepts, and its CPU by the level of noise](${picture})`,
    ['How each was run:', '', ...shown.map(({ name, how }) => `- **${name}**: ${how}.`), ...missing].join(
      '\n',
    ),
    [
      'What to know about these figures:',
      '',
      "- wakegate's thresholds were chosen on this split (its recordings were not trained on); the makers of each peer chose theirs elsewhere. " +
        "Most clips are the public ones of Porcupine's benchmark.",
      `- CPU, memory and start are those of listening for "${COMMON_WORD}" alone, except for wakegate, which listens for all of its words.`,
      '- Latency is from the end of the word, by its energy, to the end of the sound that completed the detection; below zero, the word was ' +
        'detected before it was over.',
      '- The live row shows the whole daemon of wakegate, with its HTTP server; the others are the engine and the pipe that it reads, every 80 ms.',
      `- ${PORCUPINE_4}`,
    ].join('\n'),
    wins.length === 0
      ? 'No peer is better in any column.'
      : ['Where another is better:', '', ...wins].join('\n'),
    otherWords(comparison, shown),
  ].join('\n\n');
}

/** A row for each thing that is compared, a column for each engine; the best that hears words is bold. */
function mainTable(comparison: Comparison, engines: readonly EngineDescription[]): string {
  const rows = COLUMNS.map(({ title, of }) => {
    const cells = engines.map(({ name }) => of(comparison, name));
    const heard = cells.flatMap((cell, i) => (cell === null || engines[i].isVad ? [] : [cell.value]));
    const best = Math.min(...heard);
    return [
      title,
      ...cells.map((cell, i) => {
        if (cell === null) return '';
        return cell.value === best && !engines[i].isVad ? `**${cell.text}**` : cell.text;
      }),
    ];
  });
  const settings = engines.map(({ name }) => {
    const best = accuracyOf(comparison, name, COMMON_WORD)?.best.setting;
    return best === undefined ? '' : best.toFixed(2);
  });
  return table(['', ...engines.map(({ name }) => name)], [...rows, ['its best setting', ...settings]]);
}

/** Of the words that only some can hear. */
function otherWords(comparison: Comparison, engines: readonly EngineDescription[]): string {
  const rows = WORDS.filter((word) => word !== COMMON_WORD).flatMap((word) =>
    engines.flatMap(({ name }) => {
      const accuracy = accuracyOf(comparison, name, word);
      if (!accuracy) return [];
      const { missed, falseAccepts } = accuracy.asIs;
      const cells = CONDITIONS.map((condition) => percentCell(missed[condition]).text);
      return [[word, name, ...cells, hourlyCell(falseAccepts.all).text]];
    }),
  );
  if (rows.length === 0) return '';
  return [
    'Other words, at documented settings. openWakeWord and microWakeWord have "hey jarvis", so they were not made for a plain "jarvis":',
    table(
      ['word', 'engine', ...CONDITIONS.map((condition) => `missed, ${condition}`), 'false accepts an hour'],
      rows,
    ),
  ].join('\n\n');
}

function sizes({ accuracy }: Comparison): string {
  const { clean } = accuracy[0].asIs.missed;
  const { all, speech, music, noise } = accuracy[0].asIs.falseAccepts;
  return (
    `${clean.of} clips of it, clean and with noise; ${all.of.toFixed(2)} h without it ` +
    `(speech ${speech.of.toFixed(2)}, music ${music.of.toFixed(2)}, noise ${noise.of.toFixed(2)})`
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

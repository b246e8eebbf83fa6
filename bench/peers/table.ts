import { MOST_AN_HOUR } from './accuracy.js';
import { CONDITIONS } from './audio.js';
import { accuracyOf, COLUMNS, hourlyCell, percentCell, TABLES, type TableName } from './columns.js';
import type { Comparison } from './compare.js';
import { COMMON_WORD, type EngineDescription, WORDS } from './engines.js';
import { NEGATIVES } from './negatives.js';
import { table } from './own-section.js';
import { verdicts } from './verdicts.js';
import { notCompared, remarks } from './what-to-know.js';

/** The comparison as Markdown, for docs/peers/README.md. */
export function asMarkdown(comparison: Comparison, engines: readonly EngineDescription[]): string {
  const shown = engines.filter(
    ({ name }) => name in comparison.costs || accuracyOf(comparison, name, COMMON_WORD) !== undefined,
  );
  const missing = Object.entries(comparison.missing).map(
    ([name, reason]) => `- **${name}** could not be started: ${reason}.`,
  );
  const wins = verdicts(comparison, shown).map((sentence) => `- ${sentence}`);
  const tableOf = (name: TableName) => [`### ${TABLES[name]}`, engineTable(comparison, shown, name)];
  return [
    introduction(comparison),
    ...tableOf('documented'),
    '![What each engine misses, its false accepts, and its CPU by the level of noise](peers.svg)',
    falseAcceptsByKind(comparison, shown),
    ...tableOf('best'),
    `A best setting is the threshold or sensitivity that misses least with at most ${MOST_AN_HOUR} false accepts an hour, chosen on these same recordings for every engine.`,
    '![Misses against false accepts, over all settings](curve.svg)',
    ...tableOf('CPU'),
    ...tableOf('microphone'),
    ['### How each was run', '', ...shown.map(({ name, how }) => `- **${name}**: ${how}.`), ...missing].join(
      '\n',
    ),
    ['### What to know about these figures', '', ...remarks(comparison).map((one) => `- ${one}`)].join('\n'),
    '### Where another is better',
    wins.length === 0 ? 'No peer is better in any column.' : wins.join('\n'),
    otherWords(comparison, shown),
    ['### What could not be compared', '', ...notCompared().map((one) => `- ${one}`)].join('\n'),
  ].join('\n\n');
}

function introduction({ machines, accuracy }: Comparison): string {
  const own = accuracy.find(({ word }) => word === COMMON_WORD);
  return [
    ...Object.entries({ ...machines }).map(
      ([part, machine]) => `\`npm run bench:peers -- --parts ${part}\`: ${machine}.`,
    ),
    `The word is "${COMMON_WORD}", the only one that all can hear${own ? `; ${sizes(own.asIs)}` : ''}.`,
    'Rates have 95 % intervals (Clopper-Pearson; Garwood for counts per hour).',
    'Other figures are the median and, in brackets, the least and the most of the runs.',
    'Each engine is one process on one core, and its first run is not counted.',
    'In bold: the best that hears words.',
  ].join('\n');
}

function sizes({ missed, falseAccepts }: Comparison['accuracy'][number]['asIs']): string {
  const hours = (name: (typeof NEGATIVES)[number] | 'all') => falseAccepts[name].of.toFixed(1);
  return (
    `${missed.clean.of} clips of it, clean and with noise; ${hours('all')} h without it ` +
    `(speech ${hours('speech')}, single words ${hours('words')}, music ${hours('music')}, noise ${hours('noise')})`
  );
}

/** A row for each engine; the best that hears words is bold. */
function engineTable(comparison: Comparison, engines: readonly EngineDescription[], name: TableName): string {
  const columns = COLUMNS.filter(
    (column) =>
      column.table === name && engines.some((engine) => column.of(comparison, engine.name) !== null),
  );
  const cells = engines.map((engine) => columns.map(({ of }) => of(comparison, engine.name)));
  const best = columns.map((_, c) =>
    Math.min(...engines.flatMap(({ isVad }, e) => (isVad || !cells[e][c] ? [] : [cells[e][c].value]))),
  );
  const rows = engines.flatMap((engine, e) => {
    if (cells[e].every((cell) => cell === null)) return [];
    const texts = cells[e].map((cell, c) => {
      if (cell === null) return '';
      return cell.value === best[c] && !engine.isVad ? `**${cell.text}**` : cell.text;
    });
    const setting = accuracyOf(comparison, engine.name, COMMON_WORD)?.best?.setting;
    return [
      [engine.name, ...texts, ...(name === 'best' ? [!setting ? 'as documented' : setting.toFixed(3)] : [])],
    ];
  });
  const titles = columns.map(({ title }) => title.replace(', at its best setting', ''));
  return table(['', ...titles, ...(name === 'best' ? ['its best setting'] : [])], rows);
}

function falseAcceptsByKind(comparison: Comparison, engines: readonly EngineDescription[]): string {
  const rows = engines.flatMap(({ name }) => {
    const own = accuracyOf(comparison, name, COMMON_WORD);
    if (!own) return [];
    const cells = NEGATIVES.map((kind) => {
      const { events, of } = own.asIs.falseAccepts[kind];
      return `${events} in ${of.toFixed(1)} h`;
    });
    const corpora = Object.entries(own.setOffBy).sort(([, a], [, b]) => b - a);
    return [[name, ...cells, corpora.map(([corpus, times]) => `${corpus} ${times}`).join(', ')]];
  });
  const head = ['false accepts in', 'speech', 'single words', 'music', 'noise', 'by corpus'];
  return table(head, rows);
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
  const head = [
    'word',
    'engine',
    ...CONDITIONS.map((condition) => `missed, ${condition}`),
    'false accepts an hour',
  ];
  return ['### Other words, as they are documented', table(head, rows)].join('\n\n');
}

import type { BalancedAccuracy } from './balanced-accuracy.js';
import type { Evaluation } from './evaluation.js';
import type { OperatingPoint } from './operating-curve.js';
import type { Rate, Ratio } from './rates.js';

/** The figures as Markdown: one table of the pack, one each by keyword and by corpus, and the operating curve. */
export function asMarkdown(evaluation: Evaluation): string {
  const { falseRejects, falseRejectsByKeyword, falseRejectsByCorpus, confused, falseStops } = evaluation;
  const { falseAccepts, falseAcceptsByKeyword, falseAcceptsByCorpus, otherWords, latencyMs, crossFitted } =
    evaluation;
  const conditions = Object.keys(falseRejects);
  const named = <T>(what: string, by: Readonly<Record<string, T>>, cell: (value: T) => string) =>
    Object.entries(by).map(([name, value]) => [`${what}, ${name}`, cell(value)]);
  const rows = [
    ...named('missed', falseRejects, rate),
    ...named('confused with another keyword', confused, rate),
    ...named('false accepts', falseAccepts, hourly),
    ...(crossFitted.hours > 0
      ? [
          [
            'of these hours, cross-fitted: heard by packs of the same recipe that did not learn from them',
            `${crossFitted.hours.toFixed(2)} h (${crossFitted.corpora.join(', ')})`,
          ],
        ]
      : []),
    ...(otherWords ? [['other single words with a detection', rate(otherWords)]] : []),
    ...(evaluation.otherWordsStopped
      ? [['other single words stopped by the gate', rate(evaluation.otherWordsStopped)]]
      : []),
    ...(evaluation.balancedAccuracy ? [balanced(evaluation.balancedAccuracy)] : []),
    ...named('stopped by the gate, keyword clips', falseStops, rate),
    ...named('steps stopped', evaluation.stopped, (value) => `${ratio(value)} of ${value.steps}`),
    ['compression of what is handed over for keywords', ratio(evaluation.compression)],
    ['zeros in it', ratio(evaluation.sparsity)],
    ...(latencyMs
      ? [
          [
            'from the end of the word, by its energy, to that of the sound that completed its detection',
            `${latencyMs.median} ms (median of ${latencyMs.of}; 95 % within ${latencyMs.percentile95} ms)`,
          ],
        ]
      : []),
    ['CPU a second of sound without a keyword', cpu(evaluation.cpuMsPerSecond)],
  ];
  const corpora = [...new Set([...Object.keys(falseRejectsByCorpus), ...Object.keys(falseAcceptsByCorpus)])];
  return [
    table(['what', 'rate (count; 95 % interval)'], rows),
    table(
      ['keyword', ...conditions.map((condition) => `missed, ${condition}`), 'false accepts'],
      Object.entries(falseRejectsByKeyword).map(([name, by]) => [
        name,
        ...conditions.map((condition) => rate(by[condition])),
        name in falseAcceptsByKeyword ? hourly(falseAcceptsByKeyword[name]) : '',
      ]),
    ),
    table(
      ['corpus', ...conditions.map((condition) => `missed, ${condition}`), 'false accepts', 'steps stopped'],
      corpora.map((name) => [
        name,
        ...conditions.map((condition) =>
          falseRejectsByCorpus[name] ? rate(falseRejectsByCorpus[name][condition]) : '',
        ),
        name in falseAcceptsByCorpus ? hourly(falseAcceptsByCorpus[name]) : '',
        name in evaluation.stoppedByCorpus ? ratio(evaluation.stoppedByCorpus[name]) : '',
      ]),
    ),
    ...(evaluation.operatingCurve.length > 0 ? [operating(evaluation.operatingCurve, conditions, '')] : []),
    ...(evaluation.operatingCurveAlone
      ? [operating(evaluation.operatingCurveAlone, conditions, ', without second look')]
      : []),
    ...named('not measured', evaluation.skipped, (why) => why).map((cells) => `${cells.join(': ')}.`),
  ].join('\n\n');
}

function operating(curve: readonly OperatingPoint[], conditions: readonly string[], how: string): string {
  return table(
    [
      `false accepts an hour, at most${how}`,
      'thresholds moved by',
      'false accepts',
      ...conditions.map((condition) => `missed, ${condition}`),
    ],
    curve.map(({ atMost, offset, falseAccepts, missed }) => [
      `${atMost}`,
      `${offset.toFixed(2)} logits`,
      hourly(falseAccepts),
      ...conditions.map((condition) => rate(missed[condition])),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function rate({ events, of, rate, interval: [low, high] }: Rate): string {
  return `${percent(rate)} (${events} of ${of}; ${percent(low)} to ${percent(high)})`;
}

function balanced({ recalls, rate, interval: [low, high] }: BalancedAccuracy): [string, string] {
  const classes = Object.keys(recalls).length;
  return [
    `balanced accuracy over ${classes} classes: keywords, other words, silence`,
    `${percent(rate)} (${percent(low)} to ${percent(high)})`,
  ];
}

function hourly({ events, of, rate, interval: [low, high] }: Rate): string {
  return `${rate.toFixed(2)} per hour (${events} in ${of.toFixed(2)} h; ${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function ratio({ clips, rate, interval }: Ratio): string {
  const span = interval ? `; ${percent(interval[0])} to ${percent(interval[1])}` : '';
  return `${percent(rate)} (${clips} clips${span})`;
}

function cpu(stages: Readonly<Record<string, number>>): string {
  return Object.entries(stages)
    .map(([stage, ms]) => `${stage} ${ms.toFixed(2)} ms`)
    .join(', ');
}

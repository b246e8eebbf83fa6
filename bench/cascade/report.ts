import { countInterval, rateInterval } from '../../src/training/evaluation/intervals.js';
import type { Picture } from '../../src/training/figures/picture.js';
import type { Setup, Tally } from './run.js';

/** What one setup did: with recordings without a keyword, by kind, and with keywords, clean and in noise. */
export interface SetupResult {
  readonly setup: Setup;
  readonly without: Readonly<Record<string, Tally>>;
  readonly keywords: Readonly<Record<string, Tally>>;
}

const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const MS_PER_HOUR = 3_600_000;

/** Tables in Markdown: one for each kind of recording, one for keywords. */
export function tables(results: readonly SetupResult[]): string {
  const kinds = Object.keys(results[0]!.without);
  return [...kinds.map((kind) => tableOfKind(results, kind)), tableOfKeywords(results)].join('\n');
}

function tableOfKind(results: readonly SetupResult[], kind: string): string {
  const first = results[0]!.without[kind]!;
  const rows = results.map(({ setup, without }) => {
    const { hours, steps, passed, handoffs, bytes, looks, detections, cpuMs } = without[kind]!;
    const [low, high] = countInterval(detections, hours);
    return [
      setup.name,
      percent(1 - passed / steps),
      Math.round(handoffs / hours),
      `${(bytes / hours / 1000).toFixed(0)} kB`,
      perSecond(cpuMs.features + cpuMs.gate + cpuMs.handoff, hours),
      perSecond(cpuMs.classifier, hours),
      `${(looks / hours).toFixed(1)}, ${perSecond(cpuMs.secondLook, hours)}`,
      perSecond(total(cpuMs), hours),
      `${(detections / hours).toFixed(2)} (${detections}; ${low.toFixed(2)} to ${high.toFixed(2)})`,
    ];
  });
  const head = [
    `${kind}, ${first.hours.toFixed(2)} h`,
    'steps stopped',
    'handoffs an hour',
    'sent an hour',
    'front, ms/s',
    'classifier, ms/s',
    'second looks an hour, ms/s',
    'all, ms/s',
    'wrong detections an hour (count; 95 %)',
  ];
  return table(head, rows);
}

function tableOfKeywords(results: readonly SetupResult[]): string {
  const conditions = Object.keys(results[0]!.keywords);
  const rows = results.map(({ setup, keywords }) => [
    setup.name,
    ...conditions.map((condition) => {
      const { clips, heard } = keywords[condition]!;
      const [low, high] = rateInterval(clips - heard, clips);
      return `${percent(1 - heard / clips)} (${clips - heard} of ${clips}; ${percent(low)} to ${percent(high)})`;
    }),
  ]);
  return table(['keywords', ...conditions.map((condition) => `missed, ${condition}`)], rows);
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}

function total(cpuMs: Tally['cpuMs']): number {
  return Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0);
}

function perSecond(ms: number, hours: number): string {
  return ((1000 * ms) / (hours * MS_PER_HOUR)).toFixed(2);
}

/** CPU time of speech against what is missed: each setup is a point, with what it told wrongly in speech. */
export function picture(results: readonly SetupResult[], kind: string, condition: string): Picture {
  return {
    title: `What each stage of the cascade buys: keywords at ${condition}, cost in ${kind}`,
    x: { label: 'CPU, ms a second of sound (all threads)', scale: 'log' },
    y: { label: `missed at ${condition}, %` },
    series: results.map(({ setup, without, keywords }) => {
      const { hours, detections, cpuMs } = without[kind]!;
      const { clips, heard } = keywords[condition]!;
      const x = (1000 * total(cpuMs)) / (hours * MS_PER_HOUR);
      const wrong = `${detections} wrong in ${hours.toFixed(1)} h`;
      return { name: setup.name, draw: 'points', points: [[x, 100 * (1 - heard / clips), wrong]] };
    }),
  };
}

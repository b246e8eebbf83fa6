import type { Stops } from './measures.js';

/** One question of the study: its answer as a table, and a picture or none. */
export interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly picture?: { readonly file: string; readonly title: string };
}

export function asMarkdown({ title, head, rows, picture }: Section): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `### ${title}`,
    '',
    ...(picture ? [`![${picture.title}](${picture.file})`, ''] : []),
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    '',
  ].join('\n');
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** In percentage points, with their sign. */
export function points(share: number): string {
  return `${share < 0 ? '-' : '+'}${Math.abs(100 * share).toFixed(2)}`;
}

export function stops({ rate, interval: [low, high] }: Stops): string {
  return `${percent(rate)} (${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)})`;
}

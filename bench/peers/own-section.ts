import type { Picture } from '../../src/training/figures/picture.js';
import type { Line } from '../measure.js';

export interface SectionOptions {
  /** Little audio, few rounds: shows that it runs, and about what it gives. */
  readonly quick: boolean;
  /** Folder of the model pack. */
  readonly modelDir: string;
}

/** Of the report on what wakegate itself costs. */
export interface Section<Data> {
  readonly lines: readonly Line[];
  readonly markdown: string;
  /** By file name. */
  readonly pictures?: Readonly<Record<string, Picture>>;
  /** Ready for JSON. */
  readonly data: Data;
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

import type { Line } from '../measure.js';

/** What is measured beside the comparison, each in a file of its own. */
export type Part = (options: { readonly quick: boolean; readonly modelDir: string }) => Promise<{
  readonly lines: readonly Line[];
  /** Goes under the table of the comparison. */
  readonly markdown: string;
  /** Goes into results.json. */
  readonly data: unknown;
}>;

/** By name, in the order in which they are run and shown. */
export const PARTS: Readonly<Record<string, Part>> = {};

import type { Line } from '../measure.js';
import { runActivity } from './activity.js';
import { runScale } from './scale.js';
import { runStages } from './stages.js';

/** What is measured beside the comparison, each in a file of its own. */
export type Part = (options: { readonly quick: boolean; readonly modelDir: string }) => Promise<{
  readonly lines: readonly Line[];
  /** Goes under the table of the comparison. */
  readonly markdown: string;
  /** Under the markdown: SVG by file name. */
  readonly pictures?: Readonly<Record<string, string>>;
  /** Goes into results.json. */
  readonly data: unknown;
}>;

/** By name, in the order in which they are run and shown. */
export const PARTS: Readonly<Record<string, Part>> = {
  stages: runStages,
  activity: runActivity,
  scale: runScale,
};

import { runActivity } from './activity.js';
import type { Section, SectionOptions } from './own-section.js';
import { runScale } from './scale.js';
import { runStages } from './stages.js';

/** What is measured in addition to the comparison, each in a file of its own. */
export type Part = (options: SectionOptions) => Promise<Section<unknown>>;

/** By name, in the order in which they are run and shown. */
export const PARTS: Readonly<Record<string, Part>> = {
  stages: runStages,
  activity: runActivity,
  scale: runScale,
};

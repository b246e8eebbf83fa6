import { type Labels, rightOfSeven, summary } from './measures.js';
import type { RunResult, RunSettings } from './run.js';

/** The runs that are done, and what they are measured against. */
export class Results {
  readonly labels: Labels;
  readonly #byName: Map<string, RunResult>;

  constructor(runs: readonly RunResult[], labels: Labels) {
    this.labels = labels;
    this.#byName = new Map(runs.map((run) => [run.settings.name, run]));
  }

  /** The runs that are done, of these. */
  of(settings: readonly RunSettings[]): RunResult[] {
    return settings.flatMap(({ name }) => this.#byName.get(name) ?? []);
  }

  summary(run: RunResult) {
    return summary(run, this.labels);
  }

  rights(run: RunResult, condition: 'clean' | 'noisy') {
    return rightOfSeven(this.labels[condition], run[condition]);
  }
}

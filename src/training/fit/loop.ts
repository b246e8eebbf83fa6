import { appendFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type * as tfl from '@tensorflow/tfjs-layers';
import { averageWeights, setWeights, type WeightMap, weightsOf } from '../network/weights.js';
import type { OnProgress } from '../progress.js';
import type { Adam } from './adam.js';
import { Checkpoints } from './checkpoint.js';

/** What is trained, and how. */
export interface Task {
  /** Folder of the run: its checkpoint, its averaged weights and its curve. */
  readonly run: string;
  /** Everything that decides the run's numbers. A folder with other settings is refused. */
  readonly settings: object;
  readonly layers: readonly tfl.layers.Layer[];
  readonly steps: number;
  /** Steps from one checkpoint, and one measurement of dev, to the next. */
  readonly checkpointEvery: number;
  readonly reportEvery: number;
  /** Share of the old average in the new one, where step number `step` is averaged. */
  decayAt(step: number): number;
  /** The optimizer of step number `step`. */
  optimizerAt(step: number): Adam;
  /** Gives the layers their first weights, where there is no checkpoint. */
  initialize(): Promise<void>;
  /** Starts what feeds the steps after `step`. All later random draws must follow from the seed and `step`. */
  openLeg(step: number): Promise<Leg>;
  /** Dev figures of the layers with the weights that they have now. */
  measure(): Promise<object>;
  /** What else is kept between steps. */
  readonly extra?: { save(): WeightMap; restore(saved: WeightMap): void };
}

/** The steps from one checkpoint to the next. */
export interface Leg {
  /** Trains step number `step`, the first of a run being 1, and returns its loss. */
  train(step: number): Promise<number>;
  /** Shown with the loss. */
  counts?(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface LoopOptions {
  /** The step with a checkpoint at which to stop, to continue another time. By default the last one. */
  readonly until?: number;
  readonly onProgress?: OnProgress;
  /** Stops before the next step. The run continues from its last checkpoint when it is started again. */
  readonly signal?: AbortSignal;
}

/** Steps from one averaging of the weights to the next, and steps that the shown loss is smoothed over. */
const AVERAGE_EVERY = 10;
const LOSS_STEPS = 100;

/**
 * The training loop of trunk and heads. It steps, averages the weights, and at every checkpoint writes the run's state, measures the
 * averaged weights on dev and adds a line to `curve.jsonl`. A run that was interrupted continues from its last checkpoint, with
 * the same numbers as if it had not been.
 *
 * @throws WakegateError WG_DATA_INVALID where the run's folder holds a run with other settings
 * @throws the signal's reason where it was aborted
 */
export async function runLoop(task: Task, options: LoopOptions = {}): Promise<void> {
  const { until = task.steps, onProgress, signal } = options;
  const run = basename(task.run);
  const checkpoints = new Checkpoints(task.run, task.settings, task.layers);
  const saved = await checkpoints.restore((step) => task.optimizerAt(step));
  if (saved) {
    task.extra?.restore(saved.extra);
    onProgress?.({ type: 'resume', run, step: saved.step });
  } else {
    await task.initialize();
  }
  let { step, loss, averaged } = saved ?? { step: 0, loss: 0, averaged: weightsOf(task.layers) };
  const clock = { start: Date.now(), step };

  while (step < until) {
    signal?.throwIfAborted();
    const leg = await task.openLeg(step);
    try {
      const end = Math.min(task.steps, step + task.checkpointEvery);
      while (step < end) {
        signal?.throwIfAborted();
        const value = await leg.train(++step);
        loss += (value - loss) / Math.min(step, LOSS_STEPS);
        if (step % AVERAGE_EVERY === 0) averaged = averageWeights(averaged, task.layers, task.decayAt(step));
        if (step % task.reportEvery !== 0) continue;
        const msPerStep = (Date.now() - clock.start) / (step - clock.step);
        const minutesLeft = Math.round((msPerStep * (task.steps - step)) / 60_000);
        const counts = leg.counts?.() ?? {};
        onProgress?.({ type: 'step', run, step, steps: task.steps, loss, minutesLeft, counts });
      }
    } finally {
      await leg.close();
    }

    const extra = task.extra?.save() ?? new Map();
    await checkpoints.save({ step, loss, averaged, extra }, task.optimizerAt(step));
    // As the checkpoint keeps it, so that a run that continues from there has the same loss.
    loss = Math.fround(loss);
    const current = weightsOf(task.layers);
    setWeights(task.layers, averaged);
    const figures = await task.measure();
    setWeights(task.layers, current);
    onProgress?.({ type: 'checkpoint', run, step, loss, figures });
    await appendFile(join(task.run, 'curve.jsonl'), `${JSON.stringify({ step, loss, ...figures })}\n`);
  }
}

import type { TrainingProgress } from '../training/progress.js';

const DONE = { decode: 'decoded', synthesize: 'synthesized', teach: 'taught' } as const;

/** Prints what training reports, a line each, on stderr. */
export function printProgress(progress: TrainingProgress): void {
  console.error(lineOf(progress));
}

function lineOf(progress: TrainingProgress): string {
  switch (progress.type) {
    case 'resume':
      return `${progress.run}: resumed at step ${progress.step}`;
    case 'step': {
      const { run, step, steps, loss, minutesLeft } = progress;
      const counts = Object.entries(progress.counts).map(([name, count]) => `${count} ${name}, `);
      return `${run}: step ${step}/${steps} loss ${loss.toFixed(4)}, ${counts.join('')}${minutesLeft} min left`;
    }
    case 'checkpoint':
      return `${progress.run}: dev at step ${progress.step} ${JSON.stringify(progress.figures)}`;
    default: {
      const { type, set, done, of } = progress;
      return `${DONE[type]} ${done}${of === null ? '' : ` of ${of}`}${set === '' ? '' : ` (${set})`}`;
    }
  }
}

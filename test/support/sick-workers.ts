import { readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';

/**
 * For `node --import`: makes the classifier's workers sick in the way that the file SICK says when they get a batch, or
 * when they are woken. `hang`: the message is never answered; `die`: the worker ends.
 */
const file = process.env.SICK!;

process.on('worker', (worker: Worker) => {
  const post = worker.postMessage.bind(worker);
  worker.postMessage = (message: { readonly kind?: string }) => {
    const isClassifier = message.kind === 'load' || message.kind === 'batch';
    const sickness = isClassifier ? sicknessNow() : '';
    if (sickness === 'hang') return;
    if (sickness === 'die') void worker.terminate();
    else post(message);
  };
});

function sicknessNow(): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

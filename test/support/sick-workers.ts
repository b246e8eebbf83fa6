import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';

/**
 * For `node --import`: makes the classifier's workers sick in the way that the file SICK says when they get a batch, or
 * when they are woken. `hang`: the message is never answered; `die`: the worker ends; `hang on looks`: only second
 * looks are not answered; `memory`: it has
 * too little memory for a model.
 */
const file = process.env.SICK!;

const { Worker } = workerThreads;
workerThreads.Worker = class extends Worker {
  constructor(path: string | URL, options?: WorkerOptions) {
    const isShort = String(path).includes('classifier') && sicknessNow() === 'memory';
    super(path, isShort ? { ...options, resourceLimits: { maxOldGenerationSizeMb: 6 } } : options);
  }
};
syncBuiltinESMExports();

process.on('worker', (worker: InstanceType<typeof Worker>) => {
  const post = worker.postMessage.bind(worker);
  worker.postMessage = (message: { readonly kind?: string }) => {
    const isClassifier = message.kind === 'load' || message.kind === 'batch';
    const sickness = isClassifier ? sicknessNow() : '';
    if (sickness === 'hang') return;
    if (message.kind === 'look' && sicknessNow() === 'hang on looks') return;
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

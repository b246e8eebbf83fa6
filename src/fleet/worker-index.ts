/** A fleet's worker: apart from what a satellite needs, which loads no classifier. */
export { FleetWorker, type FleetWorkerOptions } from './worker.js';
export { WorkerPacks } from './worker-packs.js';

export { type Backend, openBackend } from './backend.js';
export { checkBackend } from './check-backend.js';
export { Classifier, type ClassifierOptions } from './classifier.js';
export { type Detection, Detector } from './detector.js';
export { logit } from './logit.js';
export { secondLookSamples } from './second-look-model.js';
export { joinedScore, SecondLookStage, type SecondLookVerdict } from './second-look-stage.js';
export type {
  BackendChoice,
  BackendName,
  Classification,
  ClassifierCost,
  ClassifierEvents,
  ClassifierLogger,
  ClassifierState,
  ClassifierStatus,
  CostedClassification,
  CostedLook,
  HandoffClassifier,
  StateChange,
  WorkerDeath,
} from './types.js';
export type { WorkerLimits } from './worker-life.js';
export { WorkerTurns } from './worker-turns.js';

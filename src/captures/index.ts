export { CaptureRecorder, type Clip } from './capture-recorder.js';
export { CaptureStore } from './capture-store.js';
export { labelledCaptures, needLabelled } from './labelled.js';

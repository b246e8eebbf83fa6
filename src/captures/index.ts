export { type Capture, CaptureSchema, type Label, LabelSchema } from './capture.js';
export { CaptureRecorder, type Clip } from './capture-recorder.js';
export { type CaptureLimits, CaptureStore } from './capture-store.js';

/** What programs that use wakegate as a library may rely on. */
export {
  type AudioChunk,
  type AudioSource,
  FileSource,
  MicrophoneSource,
  openInput,
  readAudioFile,
  SAMPLE_RATE,
  StdinSource,
} from './audio/index.js';
export { Classifier, type ClassifierOptions, type ClassifierStatus } from './classifier/index.js';
export { type EnergyAccount, EnergyMeter } from './energy/index.js';
export { type ErrorCode, WakegateError } from './errors.js';
export { listPacks, type ModelPack, readPack, resolvePack } from './model/index.js';
export { type Detection, Listener, type ListenerAccount, type ListenerOptions } from './pipeline.js';

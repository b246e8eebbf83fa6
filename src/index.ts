/** What programs that use wakegate as a library may rely on. */
import './supported-node.js';

export {
  type AudioChunk,
  type AudioInput,
  type AudioPiece,
  type AudioSource,
  FileSource,
  type MicrophoneEvents,
  type MicrophoneOptions,
  MicrophoneSource,
  microphone,
  openInput,
  type RawFormat,
  readAudioFile,
  SAMPLE_RATE,
  StdinSource,
  SupervisedMicrophone,
  type SupervisedMicrophoneOptions,
} from './audio/index.js';
export {
  type BackendChoice,
  Classifier,
  type ClassifierOptions,
  type ClassifierState,
  type ClassifierStatus,
} from './classifier/index.js';
export { type EnergyAccount, EnergyMeter, type EnergyMeterOptions } from './energy/index.js';
export { type ErrorCode, WakegateError } from './errors.js';
export { type KeywordSettings, listPacks, type ModelPack, readPack, resolvePack } from './model/index.js';
export {
  type Detection,
  type DroppedHandoff,
  Listener,
  type ListenerAccount,
  type ListenerEvents,
  type ListenerOptions,
} from './pipeline.js';
export type { FileReport, ScoresAt } from './protocol/index.js';
export type { Dropped, GateChange, SpotterDetection, SpotterEvents } from './spotter/events.js';
export type { SpotterStream, SpotterStreamEvents } from './spotter/spotter-stream.js';
export {
  type DetectOptions,
  type KeywordChange,
  KeywordSpotter,
  type ListenOptions,
  type SpotterOptions,
} from './spotter.js';

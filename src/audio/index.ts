export { SampleClock } from './clock.js';
export { type InputDevice, listInputs, type Range } from './devices.js';
export { EncodedSource } from './encoded-source.js';
export { FileSource, type FileSourceOptions, readAudioFile } from './file-source.js';
export {
  chooseRecorder,
  findOnPath,
  findRecorder,
  hasMicrophone,
  RECORDER_PROGRAMS,
  type Recorder,
  type RecorderChoice,
  type RecorderProgram,
} from './find-recorder.js';
export { peakDbfs, rmsDbfs } from './level.js';
export { LevelMeter } from './level-meter.js';
export { type MicrophoneOptions, MicrophoneSource, type Rhythm } from './microphone-source.js';
export { type InputOptions, openInput } from './open-input.js';
export { outputOf } from './program-output.js';
export { checkRawFormat, type RawFormat, RawPcmConverter } from './raw-pcm.js';
export { mendOf } from './recorder-fault.js';
export { type AudioChunk, type AudioSource, SAMPLE_RATE } from './source.js';
export { StdinSource, type StdinSourceOptions } from './stdin-source.js';
export { SupervisedMicrophone, type SupervisedMicrophoneOptions } from './supervised-microphone.js';
export { writeWav } from './wav.js';

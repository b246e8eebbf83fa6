export { type AudioInput, type OpenAudio, openAudio } from './audio-input.js';
export { channelOf } from './channel.js';
export { SampleClock } from './clock.js';
export { RawCheck } from './codecs/not-raw.js';
export { checkRawFormat, type RawFormat, RawPcmConverter } from './codecs/raw-pcm.js';
export { writeWav } from './codecs/wav.js';
export {
  AudioDecoding,
  type Converter,
  type DecodedAudio,
  type DecodingOptions,
} from './decoding/audio-decoding.js';
export { FileSource, type FileSourceOptions, readAudioFile } from './file-source.js';
export { peakDbfs, rmsDbfs } from './level.js';
export { LevelMeter } from './level-meter.js';
export { CLOCKS, type Clocks } from './microphone/arrival-clock.js';
export { type InputDevice, listInputs, type Range } from './microphone/devices.js';
export { type EchoSource, listEchoSources } from './microphone/echo-sources.js';
export {
  chooseRecorder,
  findOnPath,
  findRecorder,
  hasMicrophone,
  RECORDER_PROGRAMS,
  type Recorder,
  type RecorderChoice,
  type RecorderProgram,
  requireRecorder,
} from './microphone/find-recorder.js';
export { microphone } from './microphone/microphone.js';
export { type MicrophoneOptions, MicrophoneSource } from './microphone/microphone-source.js';
export { outputOf } from './microphone/program-output.js';
export { mendOf, saysBusy } from './microphone/recorder-fault.js';
export { type Rhythm, rhythmFor } from './microphone/rhythm.js';
export {
  type MicrophoneEvents,
  SupervisedMicrophone,
  type SupervisedMicrophoneOptions,
} from './microphone/supervised-microphone.js';
export { type InputOptions, openInput } from './open-input.js';
export type { AudioPiece } from './piece-source.js';
export { type AudioChunk, type AudioSource, SAMPLE_RATE } from './source.js';
export { StdinSource, type StdinSourceOptions } from './stdin-source.js';

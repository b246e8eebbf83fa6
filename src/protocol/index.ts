/** What goes over the wire: plain types, and the few constants that both sides must know. */
export type { Capture, CaptureLimits, Captures, Label } from './captures.js';
export type { Detected, DetectReport, FileReport, ScoresAt, Track } from './detect.js';
export {
  ENERGY_SPANS,
  type Energy,
  type EnergyAccount,
  type EnergyBucket,
  type EnergyHistory,
  type EnergySpan,
  type EnergyWindow,
  type Saved,
  STAGES,
  type StageAccount,
  type StageName,
} from './energy.js';
export type { ErrorAnswer } from './errors.js';
export {
  type ClassifierEvent,
  type ConfigEvent,
  type DaemonEvent,
  type DetectionEvent,
  EVENT_TYPES,
  type EventEnvelope,
  type EventType,
  type GateEvent,
  type InputEvent,
  isLive,
  type LevelEvent,
  LIVE_EVENT_TYPES,
  type LiveEvent,
  type Look,
  type OutvotedEvent,
  type ProblemEvent,
  type ScoresEvent,
  type TestEvent,
} from './events.js';
export { forecastOf, tallyOf } from './forecast.js';
export type { Hook, HookTest } from './hooks.js';
export type { KeywordChange, KeywordInfo, KeywordJob, KeywordRequest } from './keywords.js';
export {
  KEPT_EVENTS,
  MAX_AUDIO_BYTES,
  MAX_AUDIO_SECONDS,
  MAX_DETECTIONS,
  MAX_MESSAGE_BYTES,
  MAX_STREAMS,
  MAX_UNREAD_BYTES,
} from './limits.js';
export type { ListenFormat, StreamError, StreamEvent, StreamFinished, StreamMessage } from './listen.js';
export type { Message, Snapshot } from './messages.js';
export type { ModelInfo } from './models.js';
export type { MuteStatus } from './mute.js';
export type { KeywordPeaks, ScorePeak, Tally, ThresholdForecast } from './peaks.js';
export type { Device, DeviceLevel, DoctorFinding, MicrophoneChoice, MicrophoneInUse } from './setup.js';
export type {
  ClassifierState,
  FleetStatus,
  FleetTrace,
  InputStatus,
  MqttStatus,
  Problem,
  Status,
  WyomingStatus,
} from './status.js';

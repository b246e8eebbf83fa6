/** JSON Schemas of what goes over the wire, each held to its type when it is compiled. */
export { CaptureSchema, CapturesSchema, LabelSchema } from './captures.js';
export { DetectReportSchema } from './detect.js';
export { EnergyHistorySchema, EnergySchema, EnergySpanSchema } from './energy.js';
export { ErrorSchema } from './errors.js';
export {
  DaemonEventSchema,
  DetectionEventSchema,
  GateEventSchema,
  LevelEventSchema,
  ScoresEventSchema,
  TestEventSchema,
} from './events.js';
export { HookSchema, HookTestSchema } from './hooks.js';
export { KeywordInfoSchema, KeywordJobSchema } from './keywords.js';
export { StreamFinishedSchema, StreamMessageSchema } from './listen.js';
export { MessageSchema } from './messages.js';
export { ModelInfoSchema } from './models.js';
export { MuteSecondsSchema, MuteStatusSchema } from './mute.js';
export { KeywordPeaksSchema, ThresholdForecastSchema } from './peaks.js';
export {
  DeviceLevelSchema,
  DeviceSchema,
  DoctorFindingSchema,
  MicrophoneChoiceSchema,
  MicrophoneInUseSchema,
} from './setup.js';
export { ProblemSchema, StatusSchema } from './status.js';

import { type Static, Type } from '../../schema/index.js';
import type { Device, DeviceLevel, DoctorFinding, MicrophoneChoice, MicrophoneInUse } from '../setup.js';
import type { Agree } from './agree.js';

const RECORDERS = [
  Type.Literal('arecord'),
  Type.Literal('parec'),
  Type.Literal('pw-record'),
  Type.Literal('sox'),
] as const;
const Recorder = Type.Union([...RECORDERS]);
const Range = Type.Union([Type.Object({ lowest: Type.Number(), highest: Type.Number() }), Type.Null()], {
  description: 'null where it is not known.',
});
const Dbfs = Type.Union([Type.Number(), Type.Null()]);

export const MicrophoneChoiceSchema = Type.Object(
  {
    recorder: Type.Optional(Recorder),
    device: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: "By default the recorder's own choice." }),
    ),
  },
  { additionalProperties: false },
);

true satisfies Agree<Static<typeof MicrophoneChoiceSchema>, MicrophoneChoice>;

export const MicrophoneInUseSchema = Type.Object({
  name: Type.String({ description: 'Of the input, which is no microphone where the settings name a file.' }),
  recorder: Type.Union([Type.Literal('auto'), ...RECORDERS]),
  device: Type.Union([Type.String(), Type.Null()], { description: "null for the recorder's own choice." }),
  isChosen: Type.Boolean({
    description: 'Whether it was chosen while the daemon ran, and not by the settings.',
  }),
});

true satisfies Agree<Static<typeof MicrophoneInUseSchema>, MicrophoneInUse>;

export const DeviceSchema = Type.Object({
  recorder: Recorder,
  name: Type.String({ description: 'For the setting device, and recorder with it.' }),
  description: Type.String(),
  rates: Range,
  channels: Range,
  isMonitor: Type.Boolean({ description: 'It gives what is played, and is no microphone.' }),
  inUse: Type.Boolean({ description: 'Whether it is listened to, as far as it was chosen by name.' }),
});

true satisfies Agree<Static<typeof DeviceSchema>, Device>;

export const DeviceLevelSchema = Type.Object({
  dbfs: Dbfs,
  peakDbfs: Dbfs,
  seconds: Type.Number({ description: 'Of how much sound.' }),
});

true satisfies Agree<Static<typeof DeviceLevelSchema>, DeviceLevel>;

export const DoctorFindingSchema = Type.Object({
  about: Type.String({ description: 'What was checked.' }),
  state: Type.Union([Type.Literal('right'), Type.Literal('wrong'), Type.Literal('unknown')]),
  says: Type.String({ description: 'In a sentence.' }),
  fix: Type.Union([Type.String(), Type.Null()], {
    description: 'The command, ready to be typed, that fixes it or shows how.',
  }),
});

true satisfies Agree<Static<typeof DoctorFindingSchema>, DoctorFinding>;

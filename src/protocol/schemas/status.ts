import { type Static, Type } from '../../schema/index.js';
import type { ClassifierState, InputStatus, Problem, Status } from '../status.js';
import type { Agree } from './agree.js';
import { KeywordInfoSchema } from './keywords.js';

export const ClassifierStateSchema = Type.Union([
  Type.Literal('asleep'),
  Type.Literal('waking'),
  Type.Literal('awake'),
]);

true satisfies Agree<Static<typeof ClassifierStateSchema>, ClassifierState>;

export const InputStatusSchema = Type.Object({
  name: Type.String({ description: 'What it listens to.' }),
  state: Type.Union(
    [
      Type.Literal('opening'),
      Type.Literal('listening'),
      Type.Literal('lost'),
      Type.Literal('restored'),
      Type.Literal('muted'),
      Type.Literal('ended'),
    ],
    {
      description:
        'lost: it failed and is tried again; restored: it works again; muted: it was closed on request; ended: all ' +
        'of it has been heard.',
    },
  ),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it is lost.' }),
  problem: Type.Union([Type.String(), Type.Null()], {
    description: 'What is wrong with the sound that comes, such as clipping.',
  }),
});

true satisfies Agree<Static<typeof InputStatusSchema>, InputStatus>;

export const ProblemSchema = Type.Object({
  part: Type.Union([
    Type.Literal('input'),
    Type.Literal('sound'),
    Type.Literal('classifier'),
    Type.Literal('clock'),
    Type.Literal('connections'),
    Type.Literal('state'),
    Type.Literal('captures'),
    Type.Literal('log'),
    Type.Literal('wyoming'),
    Type.Literal('hooks'),
    Type.Literal('mqtt'),
    Type.Literal('fleet'),
  ]),
  problem: Type.String({ description: 'In a sentence.' }),
});

true satisfies Agree<Static<typeof ProblemSchema>, Problem>;

const Count = Type.Integer({ minimum: 0 });
const Probability = Type.Number({ minimum: 0, maximum: 1 });
const Backend = [Type.Literal('simd'), Type.Literal('node'), Type.Literal('wasm')];

const Milliseconds = Type.Union([Type.Number(), Type.Null()]);

const FleetTraceSchema = Type.Object(
  {
    keyword: Type.String(),
    sample: Count,
    handoffs: Type.Array(
      Type.Object({
        endSample: Count,
        bytes: Count,
        sentMs: Type.Number(),
        takenMs: Milliseconds,
        answeredMs: Milliseconds,
        worker: Type.Union([Type.String(), Type.Null()]),
        workerMs: Milliseconds,
        cpuMs: Milliseconds,
        times: Count,
      }),
    ),
    detectedMs: Type.Number(),
    decidedMs: Type.Number(),
    rooms: Count,
    answeredBy: Type.String(),
    snrDb: Type.Number(),
  },
  { description: 'How the newest word came to be answered, in ms from the first of its handoffs.' },
);

const FleetStatusSchema = Type.Object(
  {
    satellite: Type.String(),
    room: Type.String(),
    group: Type.Union([Type.String(), Type.Null()], { description: 'Of the rooms that answer once.' }),
    broker: Type.String(),
    connected: Type.Boolean(),
    classifiedBy: Type.Union([Type.Literal('own'), Type.Literal('workers'), Type.Literal('auto')], {
      description: 'This machine, workers, or workers with this machine where none can be reached.',
    }),
    workers: Type.Array(Type.String(), { description: 'Names of the workers that hold its pack.' }),
    rooms: Type.Array(Type.String(), { description: 'Rooms of the group that are there.' }),
    sent: Type.Integer({ minimum: 0, description: 'Handoffs that were sent to workers.' }),
    answered: Type.Integer({ minimum: 0, description: 'Of these, those that they answered.' }),
    again: Type.Integer({ minimum: 0, description: 'Times that one was sent once more.' }),
    lost: Type.Integer({ minimum: 0, description: 'Those that got no answer.' }),
    own: Type.Integer({ minimum: 0, description: 'Those that this machine answered by itself.' }),
    duplicates: Type.Integer({ minimum: 0, description: 'Answers that came twice, or too late.' }),
    lagMs: Type.Number({ minimum: 0, description: 'From a handoff to its answer, mean of the newest.' }),
    detections: Type.Integer({ minimum: 0, description: 'Words that this room answered.' }),
    outvoted: Type.Integer({ minimum: 0, description: 'Words that another room answered.' }),
    trace: Type.Union([FleetTraceSchema, Type.Null()]),
  },
  { description: 'As a satellite of a fleet; absent where it is none.' },
);

const MqttStatusSchema = Type.Object(
  {
    connected: Type.Boolean(),
    sent: Type.Integer({ minimum: 0, description: 'Messages that the broker has taken.' }),
    waiting: Type.Integer({ minimum: 0, description: 'Messages that wait for it.' }),
    dropped: Type.Integer({
      minimum: 0,
      description: 'Messages that were too many or too old when it was back.',
    }),
    ignored: Type.Integer({ minimum: 0, description: 'Messages to wakegate that were too large.' }),
  },
  { description: 'Of the connection to the MQTT broker, since the start.' },
);

const WyomingStatusSchema = Type.Object({
  connections: Type.Integer({ minimum: 0, description: 'To the server, at the moment.' }),
  sent: Type.Integer({ minimum: 0, description: 'Detections that were sent to wyomingPeers.' }),
  dropped: Type.Integer({
    minimum: 0,
    description: 'Detections that were too many or too old when a peer was back.',
  }),
});

export const StatusSchema = Type.Object({
  version: Type.String(),
  uptimeSeconds: Type.Number({ minimum: 0 }),
  input: Type.Object({
    ...InputStatusSchema.properties,
    levelDbfs: Type.Union([Type.Number(), Type.Null()], {
      description: 'Root mean square of the last tenth of a second; null for digital silence or none.',
    }),
    noiseDbfs: Type.Union([Type.Number(), Type.Null()], {
      description: 'Level of the room when nothing stands out; null before any sound.',
    }),
    gaps: Type.Integer({ minimum: 0, description: 'Times that samples were missing.' }),
    restarts: Type.Integer({ minimum: 0, description: 'Times that a lost microphone gave sound again.' }),
    mutedUntil: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description:
        'When it will be listened to again by itself; null if it is not muted, or muted until unmuted.',
    }),
  }),
  gate: Type.Object({
    mode: Type.Union([Type.Literal('on'), Type.Literal('off')]),
    threshold: Probability,
    open: Type.Boolean(),
    score: Type.Number({ minimum: 0, maximum: 1, description: 'P(signal of interest) at the newest step.' }),
    maxScore: Probability,
    steps: Type.Integer({ minimum: 0, description: 'Steps of 40 ms that were looked at.' }),
    passed: Type.Integer({ minimum: 0, description: 'Of these, the ones that it let through.' }),
    openings: Count,
    stopRate: Type.Union([Probability, Type.Null()], {
      description: 'Share of steps that the gate has stopped; null before the first.',
    }),
  }),
  classifier: Type.Object({
    state: ClassifierStateSchema,
    backend: Type.Union([...Backend, Type.Null()], { description: 'null until it has first been awake.' }),
    backendRequested: Type.Union([Type.Literal('auto'), ...Backend]),
    wakes: Count,
    restarts: Type.Integer({ minimum: 0, description: 'After its worker had died.' }),
    answered: Count,
    looks: Type.Integer({ minimum: 0, description: 'Second looks that were answered.' }),
    dropped: Type.Integer({
      minimum: 0,
      description: 'Handoffs that were dropped for newer ones in a full queue.',
    }),
    queued: Count,
    inFlight: Count,
    wakeMs: Type.Union([Type.Number(), Type.Null()], {
      description: 'How long it took to wake, the last time.',
    }),
  }),
  secondLook: Type.Object({
    mode: Type.Union([Type.Literal('on'), Type.Literal('off'), Type.Literal('none')], {
      description: 'none where the model pack has no second look.',
    }),
    count: Type.Integer({ minimum: 0, description: 'Times that it was asked.' }),
    refused: Type.Integer({ minimum: 0, description: 'Of these, the ones that it did not confirm.' }),
  }),
  fleet: Type.Optional(FleetStatusSchema),
  model: Type.Object({ name: Type.String(), description: Type.String() }),
  keywords: Type.Array(KeywordInfoSchema),
  mqtt: Type.Union([MqttStatusSchema, Type.Null()], { description: 'null where it is off.' }),
  wyoming: Type.Union([WyomingStatusSchema, Type.Null()], { description: 'null where it is off.' }),
  problems: Type.Array(ProblemSchema, {
    description: 'What is wrong with parts of the daemon while it keeps running; empty where all is well.',
  }),
});

true satisfies Agree<Static<typeof StatusSchema>, Status>;

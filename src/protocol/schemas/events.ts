import { type Static, type TProperties, Type } from '../../schema/index.js';
import type { DaemonEvent, LevelEvent, Look, ScoresEvent, TestEvent } from '../events.js';
import type { Agree } from './agree.js';
import { KeywordInfoSchema, KeywordJobSchema } from './keywords.js';
import { ClassifierStateSchema, InputStatusSchema, ProblemSchema } from './status.js';

/** What every event carries. */
const envelope = {
  sequence: Type.Integer({
    description:
      'Counts up by one with every event of any type but level and scores, which have the number of the event before them. ' +
      'A daemon that is started later has higher numbers.',
  }),
  time: Type.String({ format: 'date-time', description: 'When it was sent.' }),
};

const sample = Type.Integer({ description: 'Sample number, at 16 kHz, from the start of listening.' });
const seconds = Type.Number({ description: 'The same in seconds.' });
const probability = Type.Number({ minimum: 0, maximum: 1 });

function eventOf<const Name extends string, Fields extends TProperties>(name: Name, fields: Fields) {
  return Type.Object({ type: Type.Literal(name), ...envelope, ...fields });
}

export const DetectionEventSchema = eventOf('detection', {
  keyword: Type.String(),
  label: Type.String({ description: 'What the keyword is called for people.' }),
  score: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'Smoothed posterior; after a second look, both opinions joined.',
  }),
  secondLook: Type.Union(
    [
      Type.Object({
        posterior: Type.Number({
          minimum: 0,
          maximum: 1,
          description: 'Smoothed posterior of the classifier.',
        }),
        second: Type.Number({ minimum: 0, maximum: 1, description: 'Of the second network.' }),
      }),
      Type.Null(),
    ],
    { description: 'What score is joined from; null without a second look.' },
  ),
  sample,
  seconds,
  heardAt: Type.String({ format: 'date-time', description: 'When the keyword was over, on the wall clock.' }),
  cost: Type.Object(
    {
      handoffs: Type.Integer(),
      bytes: Type.Integer({ description: 'Of these handoffs.' }),
      cpuMs: Type.Number({ description: "The classifier's CPU time for them." }),
      energyMj: Type.Number({ description: 'An estimate for that time, on the named basis.' }),
      basis: Type.String({ description: 'Such as rapl, pmic or profile:pi-zero-2w.' }),
    },
    { description: 'Spent since the gate opened.' },
  ),
});

export const GateEventSchema = eventOf('gate', { open: Type.Boolean(), score: probability, sample, seconds });

const ClassifierEventSchema = eventOf('classifier', {
  state: ClassifierStateSchema,
  previous: ClassifierStateSchema,
  reason: Type.String(),
});

const InputEventSchema = eventOf('input', InputStatusSchema.properties);

const ConfigEventSchema = eventOf('config', {
  keyword: Type.Optional(KeywordInfoSchema),
  model: Type.Optional(
    Type.Object(
      { name: Type.String(), description: Type.String() },
      { description: 'Listened with from now on.' },
    ),
  ),
});

const ProblemEventSchema = eventOf('problem', {
  part: ProblemSchema.properties.part,
  problem: Type.Union([Type.String(), Type.Null()], {
    description: 'What is wrong with that part, in a sentence; null where it is over.',
  }),
});

export const TestEventSchema = eventOf('test', {
  keyword: Type.String(),
  label: Type.String({ description: 'What the keyword is called for people.' }),
  fire: Type.Boolean({
    description: "Whether bridges do what they do at a word, such as fire Home Assistant's event entity.",
  }),
});

true satisfies Agree<Static<typeof TestEventSchema>, TestEvent>;

const OutvotedEventSchema = eventOf('outvoted', {
  keyword: Type.String(),
  label: Type.String({ description: 'What the keyword is called for people.' }),
  score: probability,
  heardAt: Type.String({ description: 'ISO 8601: when the keyword was over, on the wall clock.' }),
  snrDb: Type.Number({ description: "Level over this microphone's own noise, in dB." }),
  satellite: Type.String({ description: 'Name of the wakegate that answers.' }),
  room: Type.String({ description: 'The room that answers.' }),
  sample,
  seconds,
});

const KeywordEventSchema = eventOf('keyword', KeywordJobSchema.properties);

export const LevelEventSchema = eventOf('level', {
  dbfs: Type.Union([Type.Number(), Type.Null()], {
    description: 'Root mean square of a tenth of a second; null for digital silence.',
  }),
  sample,
  seconds,
});

export const LookSchema = Type.Object({
  keyword: Type.String(),
  sample,
  posterior: Type.Number({ minimum: 0, maximum: 1, description: 'Smoothed posterior of the classifier.' }),
  second: Type.Number({ minimum: 0, maximum: 1, description: 'Of the second network.' }),
  score: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'Both joined: what is held against the threshold.',
  }),
  agreed: Type.Boolean({ description: 'Whether it confirmed the keyword.' }),
});

true satisfies Agree<Static<typeof LookSchema>, Look>;

export const ScoresEventSchema = eventOf('scores', {
  dbfs: Type.Union([Type.Number(), Type.Null()], {
    description: 'Level of the loudest tenth of a second since the event before; null for digital silence.',
  }),
  noiseDbfs: Type.Union([Type.Number(), Type.Null()], {
    description: 'Level of the room when nothing stands out; null before the first tenth of a second.',
  }),
  gate: Type.Object({
    score: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Highest P(signal of interest) since the event before.',
    }),
    threshold: probability,
    open: Type.Boolean(),
  }),
  classifier: ClassifierStateSchema,
  posteriors: Type.Union([Type.Record(Type.String(), Type.Number()), Type.Null()], {
    description:
      'Highest smoothed posterior of each keyword since the event before; null where nothing was classified.',
  }),
  looks: Type.Array(LookSchema, { description: 'Second looks since the event before.' }),
  sample,
  seconds,
});

true satisfies Agree<Static<typeof ScoresEventSchema>, ScoresEvent>;

export const DaemonEventSchema = Type.Union([
  DetectionEventSchema,
  GateEventSchema,
  ClassifierEventSchema,
  InputEventSchema,
  ConfigEventSchema,
  ProblemEventSchema,
  TestEventSchema,
  OutvotedEventSchema,
  KeywordEventSchema,
]);

true satisfies Agree<Static<typeof DaemonEventSchema>, DaemonEvent>;
true satisfies Agree<Static<typeof LevelEventSchema>, LevelEvent>;

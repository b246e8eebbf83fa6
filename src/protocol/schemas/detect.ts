import { type Static, Type } from '../../schema/index.js';
import type { DetectReport } from '../detect.js';
import type { Agree } from './agree.js';

const Scores = Type.Record(Type.String(), Type.Number());
const Count = Type.Integer({ minimum: 0 });

const ScoresOverTime = Type.Array(Type.Object({ time: Type.Number(), scores: Scores }));

const TrackSchema = Type.Object(
  {
    gate: Type.Object({
      threshold: Type.Number(),
      stepSeconds: Type.Number(),
      scores: Type.Array(Type.Number(), {
        description: 'P(signal of interest) at each step; 0 where the step was at the noise floor.',
      }),
      openings: Type.Array(Type.Tuple([Type.Number(), Type.Number()]), {
        description: 'From when to when it was open.',
      }),
    }),
    positions: ScoresOverTime,
    looks: Type.Array(
      Type.Object({
        time: Type.Number(),
        keyword: Type.String(),
        posterior: Type.Number(),
        second: Type.Number(),
        score: Type.Number({ description: 'Both joined.' }),
        agreed: Type.Boolean(),
      }),
      { description: 'Second looks.' },
    ),
  },
  { description: 'What was thought over time; times are seconds from the start of the file.' },
);

export const DetectReportSchema = Type.Object({
  file: Type.String(),
  seconds: Type.Number(),
  detections: Type.Array(Type.Object({ keyword: Type.String(), time: Type.Number(), score: Type.Number() })),
  scores: Type.Record(Type.String(), Type.Number(), {
    description: 'Highest smoothed posterior of each keyword.',
  }),
  gate: Type.Object({ steps: Count, passed: Count, openings: Count, maxScore: Type.Number() }),
  handoffs: Type.Object({ count: Count, bytes: Count, denseBytes: Count }),
  cpuMs: Type.Object({
    features: Type.Number(),
    gate: Type.Number(),
    handoff: Type.Number(),
    classifier: Type.Number(),
    secondLook: Type.Number(),
  }),
  warning: Type.Optional(
    Type.String({ description: 'Where there was less audio than the file says: a sentence about that.' }),
  ),
  track: Type.Optional(TrackSchema),
  model: Type.String({ description: 'Name of the model pack that has heard it.' }),
  thresholds: Type.Record(Type.String(), Type.Number(), {
    description: 'Of the keywords that were listened for.',
  }),
  scoresOverTime: Type.Optional(ScoresOverTime),
});

true satisfies Agree<Static<typeof DetectReportSchema>, DetectReport>;

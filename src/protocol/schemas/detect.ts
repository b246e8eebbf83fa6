import { type Static, Type } from '../../schema/index.js';
import type { DetectReport } from '../detect.js';
import type { Agree } from './agree.js';

const Scores = Type.Record(Type.String(), Type.Number());
const Count = Type.Integer({ minimum: 0 });

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
  scoresOverTime: Type.Optional(Type.Array(Type.Object({ time: Type.Number(), scores: Scores }))),
});

true satisfies Agree<Static<typeof DetectReportSchema>, DetectReport>;

import { type Static, Type } from '../../schema/index.js';
import type { StreamMessage } from '../listen.js';
import type { Agree } from './agree.js';
import { DetectionEventSchema, GateEventSchema } from './events.js';

export const StreamFinishedSchema = Type.Object({
  type: Type.Literal('finished'),
  samples: Type.Integer({ description: 'Heard in all, at 16 kHz.' }),
  seconds: Type.Number({ description: 'The same in seconds.' }),
});

const StreamErrorSchema = Type.Object({
  type: Type.Literal('error'),
  code: Type.String(),
  message: Type.String(),
});

export const StreamMessageSchema = Type.Union([
  DetectionEventSchema,
  GateEventSchema,
  StreamFinishedSchema,
  StreamErrorSchema,
]);

true satisfies Agree<Static<typeof StreamMessageSchema>, StreamMessage>;

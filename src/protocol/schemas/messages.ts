import { type Static, Type } from '../../schema/index.js';
import type { Message } from '../messages.js';
import type { Agree } from './agree.js';
import { DaemonEventSchema, LevelEventSchema, ScoresEventSchema } from './events.js';
import { StatusSchema } from './status.js';

const SnapshotSchema = Type.Object({
  type: Type.Literal('snapshot'),
  sequence: Type.Integer({ description: 'Of the latest event before those that follow.' }),
  complete: Type.Boolean({
    description: 'Whether what follows continues where the subscriber left off, with nothing missing.',
  }),
  time: Type.String({ format: 'date-time' }),
  status: StatusSchema,
});

export const MessageSchema = Type.Union([
  SnapshotSchema,
  DaemonEventSchema,
  LevelEventSchema,
  ScoresEventSchema,
]);

true satisfies Agree<Static<typeof MessageSchema>, Message>;

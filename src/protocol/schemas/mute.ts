import { type Static, Type } from '../../schema/index.js';
import type { MuteStatus } from '../mute.js';
import type { Agree } from './agree.js';

export const MuteSecondsSchema = Type.Number({
  exclusiveMinimum: 0,
  maximum: 7 * 86_400,
  description: 'How long; by default until /v1/unmute.',
});

export const MuteStatusSchema = Type.Object({
  muted: Type.Boolean(),
  mutedUntil: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    description: 'When it ends by itself; null where it does not.',
  }),
});

true satisfies Agree<Static<typeof MuteStatusSchema>, MuteStatus>;

import { type Static, Type } from '../../schema/index.js';
import type { MuteStatus } from '../mute.js';
import type { Agree } from './agree.js';

export const MuteStatusSchema = Type.Object({
  muted: Type.Boolean(),
  mutedUntil: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    description: 'When it ends by itself; null where it does not.',
  }),
});

true satisfies Agree<Static<typeof MuteStatusSchema>, MuteStatus>;

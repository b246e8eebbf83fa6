import { type Static, Type } from '../../schema/index.js';
import type { ModelInfo } from '../models.js';
import type { Agree } from './agree.js';

export const ModelInfoSchema = Type.Object({
  id: Type.String({ description: 'Name of its folder, by which it is asked for.' }),
  name: Type.String(),
  description: Type.String(),
  keywords: Type.Array(Type.String()),
  problem: Type.Union([Type.String(), Type.Null()], { description: 'Why it cannot be used.' }),
  inUse: Type.Boolean(),
});

true satisfies Agree<Static<typeof ModelInfoSchema>, ModelInfo>;

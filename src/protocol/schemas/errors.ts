import { type Static, Type } from '../../schema/index.js';
import type { ErrorAnswer } from '../errors.js';
import type { Agree } from './agree.js';

export const ErrorSchema = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String() }),
});

true satisfies Agree<Static<typeof ErrorSchema>, ErrorAnswer>;

import { type Static, Type } from '../../schema/index.js';
import type { KeywordInfo } from '../keywords.js';
import type { Agree } from './agree.js';

export const KeywordInfoSchema = Type.Object({
  name: Type.String(),
  label: Type.String({ description: 'What it is called for people.' }),
  enabled: Type.Boolean({ description: 'Whether it is listened for.' }),
  threshold: Type.Number({ minimum: 0, maximum: 1 }),
  patience: Type.Integer({ minimum: 1, description: 'Positions in a row over the threshold that it takes.' }),
});

true satisfies Agree<Static<typeof KeywordInfoSchema>, KeywordInfo>;

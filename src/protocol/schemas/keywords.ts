import { type Static, Type } from '../../schema/index.js';
import type { KeywordInfo, KeywordJob } from '../keywords.js';
import type { Agree } from './agree.js';

export const KeywordInfoSchema = Type.Object({
  name: Type.String(),
  label: Type.String({ description: 'What it is called for people.' }),
  enabled: Type.Boolean({ description: 'Whether it is listened for.' }),
  threshold: Type.Number({ minimum: 0, maximum: 1 }),
  patience: Type.Integer({ minimum: 1, description: 'Positions in a row over the threshold that it takes.' }),
  defaultThreshold: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'Threshold without what was changed while the daemon ran: what null goes back to.',
  }),
  changed: Type.Boolean({ description: 'Whether anything of it was changed while the daemon ran.' }),
  own: Type.Union(
    [
      Type.Object({
        phrase: Type.String({ description: 'As it is spoken.' }),
        made: Type.Record(Type.String(), Type.Unknown(), { description: 'How it was made.' }),
        forecast: Type.Record(Type.String(), Type.Unknown(), {
          description: 'How well it was expected to work then.',
        }),
      }),
      Type.Null(),
    ],
    { description: 'What is known of a keyword of your own; null for one of the model pack.' },
  ),
});

true satisfies Agree<Static<typeof KeywordInfoSchema>, KeywordInfo>;

const STAGES = ['bank', 'speak', 'listen', 'train', 'measure'] as const;

export const KeywordJobSchema = Type.Object({
  name: Type.String(),
  phrase: Type.String({ description: 'As it is spoken.' }),
  state: Type.Union([
    Type.Literal('queued'),
    Type.Literal('running'),
    Type.Literal('done'),
    Type.Literal('failed'),
  ]),
  stage: Type.Union(
    [
      Type.Literal(STAGES[0]),
      Type.Literal(STAGES[1]),
      Type.Literal(STAGES[2]),
      Type.Literal(STAGES[3]),
      Type.Literal(STAGES[4]),
      Type.Null(),
    ],
    { description: 'What is being done; null before it begins.' },
  ),
  done: Type.Integer({ description: 'Parts of the stage that are done.' }),
  of: Type.Integer({ description: 'Parts of the stage.' }),
  problem: Type.Union([Type.String(), Type.Null()], { description: 'Why it failed; null otherwise.' }),
  advice: Type.Array(Type.String(), {
    description: 'What to know about the keyword, in sentences, once it is done.',
  }),
});

true satisfies Agree<Static<typeof KeywordJobSchema>, KeywordJob>;

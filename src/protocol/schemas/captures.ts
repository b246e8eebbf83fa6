import { type Static, Type } from '../../schema/index.js';
import type { Capture, Captures, Label } from '../captures.js';
import type { Agree } from './agree.js';

/** As it stands on disk, too. */
export const CaptureSchema = Type.Object({
  id: Type.String({ pattern: '^[0-9]{8}-[0-9]{6}-[0-9a-f]{8}$' }),
  kind: Type.Union([Type.Literal('detection'), Type.Literal('near-miss')], {
    description: 'near-miss: the gate opened and the score was over the floor, but nothing was detected.',
  }),
  model: Type.String({ description: 'Model pack that listened.' }),
  keyword: Type.String({ description: 'The one with the highest score.' }),
  score: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'Smoothed posterior; of a detection after a second look, both opinions joined.',
  }),
  look: Type.Optional(
    Type.Object(
      {
        posterior: Type.Number({ minimum: 0, maximum: 1 }),
        second: Type.Number({ minimum: 0, maximum: 1 }),
        score: Type.Number({ minimum: 0, maximum: 1, description: 'Both joined.' }),
      },
      {
        description:
          'What the second look was given and gave, when it was surest; absent where there was none.',
      },
    ),
  ),
  heardAt: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }),
  seconds: Type.Number({ description: 'How long the clip is.' }),
  bytes: Type.Integer({ description: 'Of its WAV file.' }),
  label: Type.Union([Type.Literal('right'), Type.Literal('wrong'), Type.Literal('other'), Type.Null()], {
    description:
      'Whether the keyword was really said, in the judgement of a person; other: it was another word.',
  }),
  word: Type.Union([Type.String(), Type.Null()], { description: 'The other word.' }),
});

true satisfies Agree<Static<typeof CaptureSchema>, Capture>;

export const LabelSchema = Type.Union([
  Type.Object({ label: Type.Union([Type.Literal('right'), Type.Literal('wrong'), Type.Null()]) }, strict()),
  Type.Object(
    { label: Type.Literal('other'), word: Type.String({ minLength: 1, maxLength: 100 }) },
    strict(),
  ),
]);

true satisfies Agree<Static<typeof LabelSchema>, Label>;

export const CapturesSchema = Type.Object({
  enabled: Type.Boolean({ description: 'Whether what is heard is kept.' }),
  fault: Type.Union([Type.String(), Type.Null()], {
    description: 'Why the newest could not be kept: a full disk, a folder that may not be written.',
  }),
  limits: Type.Object({ count: Type.Integer(), bytes: Type.Number(), days: Type.Number() }),
  captures: Type.Array(CaptureSchema, { description: 'Newest first.' }),
});

true satisfies Agree<Static<typeof CapturesSchema>, Captures>;

function strict() {
  return { additionalProperties: false } as const;
}

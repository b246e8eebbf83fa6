import { type Static, Type } from '../schema/index.js';

/** What is known of a clip that was kept, as it stands on disk and in answers. */
export const CaptureSchema = Type.Object({
  id: Type.String({ pattern: '^[0-9]{8}-[0-9]{6}-[0-9a-f]{8}$' }),
  kind: Type.Union([Type.Literal('detection'), Type.Literal('near-miss')], {
    description: 'near-miss: the gate opened and the score was over the floor, but nothing was detected.',
  }),
  model: Type.String({ description: 'Model pack that listened.' }),
  keyword: Type.String({ description: 'The one with the highest score.' }),
  score: Type.Number({ minimum: 0, maximum: 1, description: 'Smoothed posterior.' }),
  heardAt: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }),
  seconds: Type.Number({ description: 'How long the clip is.' }),
  bytes: Type.Integer({ description: 'Of its WAV file.' }),
  label: Type.Union([Type.Literal('right'), Type.Literal('wrong'), Type.Literal('other'), Type.Null()], {
    description:
      'Whether the keyword was really said, as someone judged it: other where it was another word.',
  }),
  word: Type.Union([Type.String(), Type.Null()], { description: 'The other word.' }),
});

export type Capture = Static<typeof CaptureSchema>;

/** What someone says of a clip, for later training. */
export const LabelSchema = Type.Union([
  Type.Object({ label: Type.Union([Type.Literal('right'), Type.Literal('wrong'), Type.Null()]) }, strict()),
  Type.Object(
    { label: Type.Literal('other'), word: Type.String({ minLength: 1, maxLength: 100 }) },
    strict(),
  ),
]);

export type Label = Static<typeof LabelSchema>;

function strict() {
  return { additionalProperties: false } as const;
}

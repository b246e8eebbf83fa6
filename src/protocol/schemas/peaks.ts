import { type Static, Type } from '../../schema/index.js';
import type { KeywordPeaks, ScorePeak, ThresholdForecast } from '../peaks.js';
import type { Agree } from './agree.js';
import { CaptureSchema } from './captures.js';

const probability = Type.Number({ minimum: 0, maximum: 1 });
const count = Type.Integer({ minimum: 0 });

const ScorePeakSchema = Type.Object({
  heardAt: Type.String({ format: 'date-time' }),
  posterior: Type.Number({
    minimum: 0,
    maximum: 1,
    description:
      'Smoothed posterior: highest that was reached for as many positions in a row as a detection takes.',
  }),
  second: Type.Union([probability, Type.Null()], {
    description: 'What the second look gave the keyword; null where there was none.',
  }),
  score: Type.Number({
    minimum: 0,
    maximum: 1,
    description:
      'What is held against the threshold: after a second look both joined, otherwise the posterior.',
  }),
  valley: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'Lowest posterior since the peak before; 0 where none was judged for a while.',
  }),
  threshold: Type.Number({ minimum: 0, maximum: 1, description: 'The one in use at the time.' }),
  detected: Type.Boolean(),
  capture: Type.Union([Type.String(), Type.Null()], { description: 'Id of the capture of it.' }),
  label: CaptureSchema.properties.label,
});

true satisfies Agree<Static<typeof ScorePeakSchema>, ScorePeak>;

export const KeywordPeaksSchema = Type.Object({
  keyword: Type.String(),
  threshold: probability,
  ask: Type.Union([probability, Type.Null()], {
    description:
      'Posterior from which on the second look is asked; null where it is never asked about this keyword.',
  }),
  rearmRatio: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'Share of the threshold below which a posterior must fall before the next detection.',
  }),
  floor: Type.Number({ minimum: 0, maximum: 1, description: 'Peaks below are not kept.' }),
  since: Type.String({ format: 'date-time', description: 'Since when all peaks are kept.' }),
  peaks: Type.Array(ScorePeakSchema, { description: 'Newest first.' }),
  captured: Type.Array(ScorePeakSchema, {
    description: 'The same of what is captured, however old it is.',
  }),
});

true satisfies Agree<Static<typeof KeywordPeaksSchema>, KeywordPeaks>;

const TallySchema = Type.Object({
  detections: count,
  falseAccepts: Type.Integer({
    minimum: 0,
    description: 'Of the detections, captures with the label wrong or other.',
  }),
  misses: Type.Integer({
    minimum: 0,
    description: 'Captures with the label right that are not detected.',
  }),
  unsure: Type.Integer({
    minimum: 0,
    description: 'Not counted as detections, but they might be: only hearing the sound again could tell.',
  }),
});

export const ThresholdForecastSchema = Type.Object({
  keyword: Type.String(),
  threshold: Type.Number({ minimum: 0, maximum: 1, description: 'The one that is asked about.' }),
  current: Type.Number({ minimum: 0, maximum: 1, description: 'The one in use.' }),
  spans: Type.Array(
    Type.Object({
      span: Type.Union([Type.Literal('hour'), Type.Literal('day'), Type.Literal('captures')]),
      since: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
        description: 'From when on peaks are counted; null where there is nothing to count.',
      }),
      now: TallySchema,
      would: TallySchema,
    }),
  ),
});

true satisfies Agree<Static<typeof ThresholdForecastSchema>, ThresholdForecast>;

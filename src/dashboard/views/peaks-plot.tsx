import type { KeywordPeaks, ScorePeak } from '../../client/index.js';
import { Canvas } from '../parts/canvas.js';
import { placeOf } from '../scale.js';
import { T } from '../strings.js';
import { colour, seriesColour } from '../theme.js';

const RADIUS = 4;
/** The slider's track lies over the lower edge. */
const BELOW = 10;
/** The slider's thumb stands this far from the edges. */
const INSET = 10;

interface PeaksPlotProps {
  readonly peaks: KeywordPeaks | null;
  readonly threshold: number;
  /** Where the slider stands. */
  readonly shown: number;
  readonly index: number;
}

/** What was heard, as dots at their scores: what lies right of the line is detected. */
export function PeaksPlot({ peaks, threshold, shown, index }: PeaksPlotProps) {
  const paint = (context: CanvasRenderingContext2D, width: number, height: number) => {
    const x = (score: number) => INSET + placeOf(score) * (width - 2 * INSET);
    context.fillStyle = colour('--well');
    context.fillRect(0, 0, width, height);
    context.fillStyle = colour('--accent-soft');
    context.fillRect(x(shown), 0, width - x(shown), height);
    context.strokeStyle = colour('--threshold');
    context.setLineDash([4, 4]);
    line(context, x(threshold), height);
    context.setLineDash([]);
    context.strokeStyle = colour('--accent');
    context.lineWidth = 2;
    line(context, x(shown), height);
    for (const [peak, at] of stacked(allOf(peaks), x)) {
      const y = height - BELOW - RADIUS - at * (2 * RADIUS + 1);
      if (y > RADIUS) dot(context, x(peak.score), y, peak, index);
    }
  };
  const count = peaks ? allOf(peaks).length : 0;
  return <Canvas label={T.thresholds.plot(count)} paint={paint} class="peaks" />;
}

/** Captures that are older than the rest are not among the peaks. */
function allOf(peaks: KeywordPeaks | null): ScorePeak[] {
  if (peaks === null) return [];
  const known = new Set(peaks.peaks.map(({ capture }) => capture));
  return [...peaks.peaks, ...peaks.captured.filter(({ capture }) => !known.has(capture))];
}

/** Peaks of about the same score stand on each other. @returns each with how many are below it */
function stacked(peaks: readonly ScorePeak[], x: (score: number) => number): [ScorePeak, number][] {
  const heights = new Map<number, number>();
  return [...peaks]
    .sort((a, b) => a.score - b.score)
    .map((peak) => {
      const column = Math.round(x(peak.score) / (2 * RADIUS + 1));
      const at = heights.get(column) ?? 0;
      heights.set(column, at + 1);
      return [peak, at];
    });
}

function dot(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  { label, detected }: ScorePeak,
  index: number,
): void {
  const ink = label === 'right' ? colour('--good') : label === null ? seriesColour(index) : colour('--bad');
  context.beginPath();
  context.arc(x, y, RADIUS - 0.75, 0, 2 * Math.PI);
  context.lineWidth = 1.5;
  context.strokeStyle = ink;
  context.fillStyle = detected ? ink : colour('--surface');
  context.fill();
  context.stroke();
}

function line(context: CanvasRenderingContext2D, x: number, height: number): void {
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
}

import { placeOf, placeOfLevel } from '../scale.js';
import { type Mark, SLOTS, type StripHistory } from '../strip-history.js';
import { colour } from '../theme.js';

export type Strip =
  | { readonly kind: 'level' }
  | { readonly kind: 'gate'; readonly threshold: number }
  | {
      readonly kind: 'keyword';
      readonly name: string;
      readonly threshold: number;
      readonly colour: () => string;
    };

const MARGIN = 3;
/** Keywords are judged about every second slot: what is no further apart belongs together. */
const BRIDGED = 4;

/** Paints the last minute of one strip; the newest is on the right. */
export function paintStrip(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  history: StripHistory,
  strip: Strip,
): void {
  const { newest } = history;
  const x = (slot: number) => width - ((newest - slot) / (SLOTS - 1)) * width;
  const y = (place: number) => height - MARGIN - place * (height - 2 * MARGIN);
  context.fillStyle = colour('--well');
  context.fillRect(0, 0, width, height);
  if (newest >= 0) paintOpen(context, height, history, x);
  const place = strip.kind === 'level' ? placeOfLevel : placeOf;
  if (strip.kind === 'level') {
    paintCurve(context, history, history.noise, x, (value) => y(place(value)), colour('--muted'), null);
    paintCurve(context, history, history.level, x, (value) => y(place(value)), colour('--accent'), height);
    return;
  }
  const line = y(place(strip.threshold));
  context.strokeStyle = colour('--threshold');
  context.setLineDash([4, 4]);
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, line);
  context.lineTo(width, line);
  context.stroke();
  context.setLineDash([]);
  if (strip.kind === 'gate') {
    paintCurve(context, history, history.gate, x, (value) => y(place(value)), colour('--gate'), height);
    return;
  }
  const scores = history.posteriors.get(strip.name);
  const ink = strip.colour();
  if (scores) paintCurve(context, history, scores, x, (value) => y(place(value)), ink, height);
  for (const mark of history.marks) {
    if (mark.keyword === strip.name)
      paintMark(context, mark, x(mark.slot), y(place(mark.score)), height, ink);
  }
}

/** Where the gate was open, behind everything. */
function paintOpen(
  context: CanvasRenderingContext2D,
  height: number,
  { newest, open }: StripHistory,
  x: (slot: number) => number,
): void {
  context.fillStyle = colour('--open');
  let from = -1;
  for (let slot = Math.max(0, newest - SLOTS + 1); slot <= newest + 1; slot++) {
    const isOpen = slot <= newest && open[slot % SLOTS] === 1;
    if (isOpen && from < 0) from = slot;
    if (!isOpen && from >= 0) {
      context.fillRect(x(from), 0, Math.max(1, x(slot) - x(from)), height);
      from = -1;
    }
  }
}

/** @param floor where to fill down to; null for a line alone */
function paintCurve(
  context: CanvasRenderingContext2D,
  { newest }: StripHistory,
  ring: Float32Array,
  x: (slot: number) => number,
  y: (value: number) => number,
  ink: string,
  floor: number | null,
): void {
  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = floor === null ? 1 : 1.5;
  context.lineJoin = 'round';
  const isThere = (slot: number) => slot <= newest && !Number.isNaN(ring[slot % SLOTS]);
  /** Of one run: slots that have a value. */
  let run: number[] = [];
  const end = () => {
    if (run.length === 0) return;
    const [first, last] = [run[0], run[run.length - 1]];
    context.beginPath();
    for (const slot of run) context.lineTo(x(slot), y(ring[slot % SLOTS]));
    // A point alone would not be seen.
    if (first === last) context.lineTo(x(last) + 1.5, y(ring[last % SLOTS]));
    context.stroke();
    if (floor !== null) {
      context.lineTo(x(last), floor);
      context.lineTo(x(first), floor);
      context.globalAlpha = 0.16;
      context.fill();
      context.globalAlpha = 1;
    }
    run = [];
  };
  for (let slot = Math.max(0, newest - SLOTS + 1); slot <= newest; slot++) {
    if (!isThere(slot)) continue;
    if (run.length > 0 && slot - run[run.length - 1] > BRIDGED) end();
    run.push(slot);
  }
  end();
}

function paintMark(
  context: CanvasRenderingContext2D,
  { kind }: Mark,
  x: number,
  y: number,
  height: number,
  ink: string,
): void {
  if (kind === 'detection') {
    context.fillStyle = colour('--good');
    context.fillRect(x - 1, 0, 2, height);
    context.beginPath();
    context.moveTo(x - 5, 0);
    context.lineTo(x + 5, 0);
    context.lineTo(x, 7);
    context.fill();
    return;
  }
  context.beginPath();
  context.arc(x, y, 2.75, 0, 2 * Math.PI);
  context.lineWidth = 1.5;
  context.strokeStyle = ink;
  context.fillStyle = kind === 'agreed' ? ink : colour('--surface');
  context.fill();
  context.stroke();
}

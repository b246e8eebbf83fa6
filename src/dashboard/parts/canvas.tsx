import { useEffect, useRef } from 'preact/hooks';
import { paletteVersion } from '../theme.js';

export type Paint = (context: CanvasRenderingContext2D, width: number, height: number) => void;

/** Paints again, where the canvas is there. */
export type Repaint = () => void;

interface CanvasProps {
  readonly paint: Paint;
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  readonly class?: string;
  /** Given a function that paints again, as often as there is something new. */
  readonly onReady?: (repaint: Repaint) => () => void;
}

/** A canvas that fits its box, at the screen's own resolution, in the colours of the theme. */
export function Canvas({ paint, label, class: name, onReady }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(paint);
  latest.current = paint;
  const repaint = useRef<Repaint>(() => {});

  useEffect(() => {
    const element = canvas.current!;
    const context = element.getContext('2d')!;
    let [width, height] = [0, 0];
    repaint.current = () => {
      if (width === 0 || height === 0) return;
      const ratio = devicePixelRatio || 1;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      latest.current(context, width, height);
    };
    const observer = new ResizeObserver(() => {
      const box = element.getBoundingClientRect();
      [width, height] = [box.width, box.height];
      element.width = Math.round(width * (devicePixelRatio || 1));
      element.height = Math.round(height * (devicePixelRatio || 1));
      repaint.current();
    });
    observer.observe(element);
    const endPalette = paletteVersion.watch(() => repaint.current());
    const end = onReady?.(() => repaint.current());
    return () => {
      observer.disconnect();
      endPalette();
      end?.();
    };
  }, []);
  useEffect(() => repaint.current());
  return <canvas ref={canvas} role="img" aria-label={label} class={name} />;
}

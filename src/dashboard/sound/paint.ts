import { colour } from '../theme.js';
import { BANDS, spectrogram } from './spectrum.js';
import type { Sound } from './wav.js';

/** Peaks of the sound, mirrored as they come. */
export function paintWaveform(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { samples }: Sound,
): void {
  const middle = height / 2;
  let loudest = 0.02;
  for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  context.fillStyle = colour('--accent');
  for (let x = 0; x < width; x++) {
    const from = Math.floor((x / width) * samples.length);
    const to = Math.max(from + 1, Math.floor(((x + 1) / width) * samples.length));
    let [low, high] = [0, 0];
    for (let i = from; i < to; i++) {
      if (samples[i] < low) low = samples[i];
      if (samples[i] > high) high = samples[i];
    }
    const [top, bottom] = [middle - (high / loudest) * (middle - 2), middle - (low / loudest) * (middle - 2)];
    context.fillRect(x, top, 1, Math.max(1, bottom - top));
  }
}

/** Columns are two pixels wide: a clip has hardly more to show. */
const COLUMN_PIXELS = 2;

/** The spectrogram of a sound as a picture in the colours of the theme; painted once, shown often. */
export function spectrogramImage(sound: Sound, width: number): HTMLCanvasElement {
  const columns = Math.max(1, Math.floor(width / COLUMN_PIXELS));
  const levels = spectrogram(sound, columns);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [columns, BANDS];
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(columns, BANDS);
  const ramp = rampOf(['--well', '--spectrum-low', '--spectrum-mid', '--spectrum-high']);
  for (let column = 0; column < columns; column++) {
    for (let band = 0; band < BANDS; band++) {
      const [r, g, b] = ramp(levels[column * BANDS + band]);
      const at = 4 * ((BANDS - 1 - band) * columns + column);
      image.data.set([r, g, b, 255], at);
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

function rampOf(names: readonly string[]): (level: number) => readonly number[] {
  const stops = names.map((name) => {
    const hex = colour(name).slice(1);
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  });
  return (level) => {
    const place = Math.min(level, 0.9999) * (stops.length - 1);
    const [from, to] = [stops[Math.floor(place)], stops[Math.floor(place) + 1]];
    return from.map((value, i) => value + (to[i] - value) * (place - Math.floor(place)));
  };
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clip } from '../../src/training/corpus.js';
import { devSamples } from './features.js';

/** How much like speech each dev window is to a detector of voice activity, by condition: a threshold makes a gate of it. */
export interface VadScores {
  readonly clean: readonly number[];
  readonly noisy: readonly number[];
}

/** Scores by name of the detector; kept in `folder`. */
export async function measureVads(
  clips: () => Promise<Clip[]>,
  folder: string,
): Promise<Record<string, VadScores>> {
  const path = join(folder, 'vad.json');
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    const dev = await clips();
    const [clean, noisy] = [false, true].map((noise) => devSamples(noise, dev).map(({ samples }) => samples));
    const both = (score: (samples: Int16Array) => number): VadScores => ({
      clean: clean.map(score),
      noisy: noisy.map(score),
    });
    const webRtc = await webRtcVad();
    const scores: Record<string, VadScores> = {
      'level over the noise floor': both(overFloorDb),
      ...Object.fromEntries([0, 1, 2, 3].map((mode) => [`WebRTC, mode ${mode}`, both(webRtc(mode))])),
    };
    await writeFile(path, JSON.stringify(scores));
    return scores;
  }
}

const FRAME = 320;
const SMOOTHED = 5;

/** A VAD by energy: the highest level of 100 ms over the quietest of them, in dB. */
function overFloorDb(samples: Int16Array): number {
  const powers: number[] = [];
  for (let start = 0; start + FRAME <= samples.length; start += FRAME) {
    let sum = 1;
    for (let i = start; i < start + FRAME; i++) sum += samples[i] ** 2;
    powers.push(sum);
  }
  const levels = powers.slice(SMOOTHED - 1).map((_, i) => {
    const sum = powers.slice(i, i + SMOOTHED).reduce((a, b) => a + b, 0);
    return 10 * Math.log10(sum);
  });
  return Math.max(...levels) - Math.min(...levels);
}

/** What is used here of libfvad, WebRTC's VAD as WebAssembly, which has no types of its own. */
interface Fvad {
  _fvad_new(): number;
  _fvad_free(vad: number): void;
  _fvad_set_mode(vad: number, mode: number): number;
  _fvad_set_sample_rate(vad: number, hertz: number): number;
  _fvad_process(vad: number, samples: number, length: number): number;
  _malloc(bytes: number): number;
  readonly HEAP16: Int16Array;
}

/** Share of the 20 ms frames that WebRTC's VAD calls voiced, by its mode (3 is the strictest). */
async function webRtcVad(): Promise<(mode: number) => (samples: Int16Array) => number> {
  const { default: load } = (await import('@echogarden/fvad-wasm' as string)) as {
    default: () => Promise<Fvad>;
  };
  const fvad = await load();
  const buffer = fvad._malloc(2 * FRAME);
  return (mode) => (samples) => {
    const vad = fvad._fvad_new();
    fvad._fvad_set_mode(vad, mode);
    fvad._fvad_set_sample_rate(vad, 16_000);
    let [voiced, frames] = [0, 0];
    for (let start = 0; start + FRAME <= samples.length; start += FRAME) {
      fvad.HEAP16.set(samples.subarray(start, start + FRAME), buffer >> 1);
      if (fvad._fvad_process(vad, buffer, FRAME) === 1) voiced++;
      frames++;
    }
    fvad._fvad_free(vad);
    return voiced / frames;
  };
}

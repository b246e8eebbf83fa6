import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clip } from '../../src/training/corpus/corpus.js';
import { VAD_FRAME, WebRtcVad } from '../web-rtc-vad.js';
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

/** Share of the 20 ms frames that WebRTC's VAD calls voiced, by its mode (3 is the strictest). */
async function webRtcVad(): Promise<(mode: number) => (samples: Int16Array) => number> {
  const make = await WebRtcVad.load();
  return (mode) => (samples) => {
    const vad = make(mode);
    let [voiced, frames] = [0, 0];
    for (let start = 0; start + VAD_FRAME <= samples.length; start += VAD_FRAME) {
      if (vad.isVoiced(samples, start)) voiced++;
      frames++;
    }
    vad.close();
    return voiced / frames;
  };
}

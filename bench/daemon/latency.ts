import { setTimeout as sleep } from 'node:timers/promises';
import type { Line } from '../measure.js';
import { LiveDaemon } from './live-daemon.js';
import { bundledWords, inQuiet } from './words.js';

/** Longer than the level gate and the classifier's last work take, so that each word meets the slow rhythm. */
const QUIET_SECONDS = 2;
const SETTLE_SECONDS = 4;

/** From the end of a word to its event, live, through the pipe. */
export async function benchLatency(model: string, cli?: readonly string[], count = 100): Promise<Line[]> {
  const words = await bundledWords();
  const parts: Int16Array[] = [];
  const ends: { keyword: string; sample: number }[] = [];
  let length = 0;
  for (let i = 0; i < count; i++) {
    const word = words[i % words.length];
    // Not at the same place within a reading each time.
    const before = (i === 0 ? SETTLE_SECONDS : QUIET_SECONDS) + (i % 13) * 0.037;
    const part = inQuiet(word, before, i === count - 1 ? 3 : 0.5);
    ends.push({ keyword: word.keyword, sample: length + Math.round(before * 16_000) + word.samples.length });
    parts.push(part);
    length += part.length;
  }
  const samples = new Int16Array(length);
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  const daemon = new LiveDaemon({ samples }, model, cli);
  try {
    await sleep(2000 + length / 16);
    const { beganMs } = daemon;
    const latencies = ends.flatMap(({ keyword, sample }) => {
      const heard = daemon.detections.find(
        (one) => one.keyword === keyword && Math.abs(one.sample - sample) < 16_000,
      );
      return heard ? [heard.arrivedMs - (beganMs + sample / 16)] : [];
    });
    latencies.sort((a, b) => a - b);
    const quantile = (share: number) => latencies[Math.ceil(share * latencies.length) - 1] ?? Number.NaN;
    const detail = `median ${quantile(0.5).toFixed(0)}, from ${latencies[0]?.toFixed(0)} to ${latencies.at(-1)?.toFixed(0)} ms`;
    return [
      {
        name: 'word end to event, 95th percentile',
        value: quantile(0.95),
        unit: 'ms',
        bar: { atMost: 150 },
        detail: `${latencies.length} words with quiet between them; ${detail}`,
      },
      {
        name: 'words heard of those played',
        value: latencies.length / count,
        unit: '',
        bar: { atLeast: 0.99 },
        detail: `${count} words`,
      },
    ];
  } finally {
    await daemon.stop();
  }
}

import { Classifier } from '../../src/classifier/index.js';
import type { Line } from '../measure.js';
import { joined } from '../measure.js';
import { speechClips } from '../speech-clips.js';
import { startFleet } from './simulated-fleet.js';
import { compare, quantile, until } from './simulated-satellite.js';
import { fleetPack, record, wordStreams } from './streams.js';

const SATELLITES = Number(process.env.THOUSAND_SATELLITES ?? 1000);
const WORKERS = 3;
const SECONDS = Number(process.env.THOUSAND_SECONDS ?? 90);
const IN_SPEECH = 0.05;

/** A thousand satellites: each says a word each minute, and one in twenty hears speech all the time. */
export async function benchThousand(): Promise<Line[]> {
  const pack = await fleetPack();
  const words = await wordStreams(pack, 60);
  const own = new Classifier({ pack });
  const { clips, what } = await speechClips(8);
  const speech = await record(pack, own, joined(clips, 60 * 16_000));
  await own.close();
  const fleet = await startFleet(pack, { workers: WORKERS, satellites: SATELLITES });
  const { satellites } = fleet;
  const result = { words: 0, lost: 0, twice: 0, faults: 0 };
  const latencies: number[] = [];
  const beganMs = performance.now();
  const overMs = beganMs + SECONDS * 1000;
  const speaking = satellites.slice(0, IN_SPEECH * SATELLITES).map(async (satellite, i, { length }) => {
    await until(beganMs + (60_000 * i) / length);
    while (performance.now() < overMs) result.faults += (await satellite.play(speech)).faults.length;
  });
  const saying = satellites.slice(IN_SPEECH * SATELLITES).map(async (satellite, i, { length }) => {
    for (let minute = 0; ; minute++) {
      const atMs = beganMs + 60_000 * (minute + i / length);
      if (atMs > overMs) return;
      await until(atMs);
      const word = words[(i + minute) % words.length];
      const played = await satellite.play(word);
      const { lost, twice } = compare(word, played);
      result.words++;
      result.lost += lost;
      result.twice += twice;
      result.faults += played.faults.length;
      if (played.told.length > 0) latencies.push(played.told[0].atMs - played.beganMs - word.endMs!);
    }
  });
  await Promise.all([...saying, ...speaking]);
  const sent = satellites.reduce((sum, { counts }) => sum + counts.sent, 0);
  const lags = satellites.filter(({ counts }) => counts.answered > 0).map(({ counts }) => counts.lagMs);
  await fleet.stop();
  const alone = words.map(({ handoffs, detections, endMs }) => {
    const at = handoffs.find(({ endSample }) => endSample >= detections[0].sample) ?? handoffs.at(-1)!;
    return at.atMs - endMs!;
  });
  const detail = `${SATELLITES} satellites, ${WORKERS} workers, ${SECONDS} s, ${result.words} words, ${what} at ${IN_SPEECH * SATELLITES}; ${sent} handoffs, ${result.faults} without an answer`;
  return [
    { name: 'a thousand satellites: words lost', value: result.lost, unit: '', bar: { atMost: 0 }, detail },
    {
      name: 'a thousand satellites: words told twice',
      value: result.twice,
      unit: '',
      bar: { atMost: 0 },
      detail: '',
    },
    {
      name: 'a thousand satellites: end of word to event, 95th percentile',
      value: quantile(latencies, 0.95),
      unit: 'ms',
      bar: { atMost: 400 },
      detail: `median ${quantile(latencies, 0.5).toFixed(0)} ms; of it until the handoff that decides: 95th percentile ${quantile(alone, 0.95).toFixed(0)} ms; mean from a handoff to its answer ${quantile(lags, 0.5).toFixed(1)} ms`,
    },
  ];
}

import { join } from 'node:path';
import { readAudioFile } from '../../src/audio/index.js';
import { REST_MS } from '../../src/audio/microphone/rhythm.js';
import { dataDirectory } from '../../src/training/corpus/corpus.js';
import { readManifest } from '../../src/training/corpus/manifest.js';
import { besideBareReader } from '../daemon/beside-bare-reader.js';
import { joined, type Line } from '../measure.js';
import { cliOf } from '../paths.js';
import { inTurn } from './before.js';

/** By then the classifier stays awake from one word-like sound to the next, and V8 has optimized the bare reader, which flatters the daemon before. */
const SETTLE_SECONDS = 300;
const SECONDS = 60;
const RATE = 16_000;
/** Of what a bare reader takes. */
const AT_MOST = 0.8;

/** The whole daemon at a microphone where people talk, beside a program that only reads the same pipe: of this build, then of another commit. */
export async function benchLive(roots: readonly string[], model: string): Promise<Line[]> {
  const needed = (SETTLE_SECONDS + SECONDS + 30) * RATE;
  const clips: Int16Array[] = [];
  let length = 0;
  for (const { file, split, kind } of await readManifest(join(dataDirectory(), 'manifest.csv'))) {
    if (split !== 'dev' || kind !== 'speech' || length >= needed) continue;
    clips.push(await readAudioFile(file));
    length += clips.at(-1)!.length;
  }
  const samples = joined(clips, needed);
  const heard = { samples, settleSeconds: SETTLE_SECONDS, seconds: SECONDS };
  const [own, before] = await inTurn(roots, (root) => besideBareReader(model, heard, cliOf(root)));
  const share = ({ daemon, bare }: typeof own) => daemon.cpuMs / bare.cpuMs;
  const { daemon, bare, resting } = own;
  const wakeMs = resting.cpuMs / resting.waits;
  const waits = `${daemon.waits.toFixed(1)} and ${bare.waits.toFixed(1)} wake-ups a second`;
  return [
    {
      name: 'live in speech, share of a bare reader',
      value: share(own),
      unit: '',
      bar: { atMost: AT_MOST },
      detail: `whole daemon; ${daemon.cpuMs.toFixed(2)} and ${bare.cpuMs.toFixed(2)} ms of CPU and ${waits}, over ${SECONDS} s of dev${before ? `; before ${share(before).toFixed(2)}` : ''}`,
    },
    {
      name: 'live in speech, waking up and reading alone',
      value: (daemon.waits * wakeMs) / bare.cpuMs,
      unit: '',
      detail: `the same wake-ups at ${wakeMs.toFixed(2)} ms each, as of a program that reads every ${REST_MS.steady} ms and does nothing`,
    },
  ];
}

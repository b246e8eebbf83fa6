import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../test/support/free-port.js';
import { WyomingClient } from '../../test/support/wyoming-client.js';
import { bundledWords, inQuiet, type Word } from '../daemon/words.js';
import type { Line } from '../measure.js';
import { Broker, Subscriber } from './broker.js';
import { HomeDaemon } from './home-daemon.js';
import { bridgeFlags } from './house.js';
import { comesAbout } from './until.js';

const WORDS = 60;
/** Longer than the level gate and the classifier's last work take, so that each word meets the slow rhythm. */
const QUIET_SECONDS = 2;
/** From the end of a word on; what has not come by then has not been heard. */
const PATIENCE_SECONDS = 2;
const CHUNK_SAMPLES = 1280;
/** Connections that are spoken into at a time. */
const LANES = 2;

/** From the end of a word, as it is spoken, to the message on the broker and to Wyoming's `detection`. */
export async function benchLatency(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-latency-'));
  const [api, mqtt, wyoming] = await freePorts(3);
  for (const name of ['broker', 'daemon']) mkdirSync(join(folder, name));
  const broker = new Broker(join(folder, 'broker'), mqtt);
  const daemon = new HomeDaemon(join(folder, 'daemon'), api);
  const closing: { close(): void }[] = [];
  try {
    await broker.start();
    await daemon.start(bridgeFlags(folder, { mqtt, wyoming }));
    const messages = new Subscriber(mqtt, 'wakegate/kitchen/detection');
    closing.push({ close: () => messages.stop() });
    const words = await bundledWords();
    const toMqtt = inTurn(words, (word, before) => throughMicrophone(daemon, messages, word, before));
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      await sleep((1000 * lane * QUIET_SECONDS) / LANES);
      return await inTurn(
        words,
        (word, before) => throughWyoming(wyoming, word, before, closing),
        WORDS / LANES,
      );
    });
    const [ofMqtt, ...ofWyoming] = await Promise.all([toMqtt, ...lanes]);
    return [
      ...linesOf('word end to MQTT message', ofMqtt, 'from the microphone, while others speak over Wyoming'),
      ...linesOf(
        "word end to Wyoming's detection",
        ofWyoming.flat(),
        `${LANES} connections at a time, one for each word, while the microphone hears words`,
      ),
    ];
  } finally {
    for (const one of closing) one.close();
    await daemon.stop();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Latencies in ms; null where nothing was heard. */
async function inTurn(
  words: readonly Word[],
  speak: (word: Word, beforeSeconds: number) => Promise<number | null>,
  count = WORDS,
): Promise<(number | null)[]> {
  const latencies: (number | null)[] = [];
  for (let i = 0; i < count; i++) {
    // Not at the same place within a chunk each time.
    latencies.push(await speak(words[i % words.length], QUIET_SECONDS + (i % 13) * 0.037));
  }
  return latencies;
}

async function throughMicrophone(
  daemon: HomeDaemon,
  { messages }: Subscriber,
  word: Word,
  beforeSeconds: number,
): Promise<number | null> {
  const before = messages.length;
  const endMs = await daemon.say(inQuiet(word, beforeSeconds, 0));
  const seconds = (endMs - Date.now()) / 1000 + PATIENCE_SECONDS;
  await comesAbout(seconds, () => messages.length > before);
  const heard = messages.slice(before).find(({ payload }) => JSON.parse(payload).keyword === word.keyword);
  return heard ? heard.arrivedMs - endMs : null;
}

/** As Home Assistant does it: a connection for each detection, and sound at the pace of sound. */
async function throughWyoming(
  port: number,
  word: Word,
  beforeSeconds: number,
  closing: { close(): void }[],
): Promise<number | null> {
  const client = new WyomingClient({ after: (close) => closing.push({ close: close as () => void }) }, port);
  const samples = inQuiet(word, beforeSeconds, PATIENCE_SECONDS);
  const end = samples.length - PATIENCE_SECONDS * 16_000;
  let arrivedMs: number | null = null;
  client.event('detection').then(
    () => {
      arrivedMs = Date.now();
    },
    () => {},
  );
  client.send('detect', { names: null }).send('audio-start', { rate: 16_000, width: 2, channels: 1 });
  const beganMs = Date.now();
  for (let at = 0; at < samples.length && arrivedMs === null; at += CHUNK_SAMPLES) {
    const chunk = samples.subarray(at, at + CHUNK_SAMPLES);
    // A chunk is there when the last of its samples has been.
    await sleep(Math.max(0, beganMs + (at + chunk.length) / 16 - Date.now()));
    client.sendAudio(chunk, { startMs: at / 16 });
  }
  client.socket.destroy();
  return arrivedMs === null ? null : arrivedMs - (beganMs + end / 16);
}

function linesOf(name: string, all: readonly (number | null)[], detail: string): Line[] {
  const latencies = all.filter((one) => one !== null).sort((a, b) => a - b);
  const quantile = (share: number) => latencies[Math.ceil(share * latencies.length) - 1] ?? Number.NaN;
  const spread = `median ${quantile(0.5).toFixed(0)}, from ${latencies[0]?.toFixed(0)} to ${latencies.at(-1)?.toFixed(0)} ms`;
  return [
    {
      name: `${name}, 95th percentile`,
      value: quantile(0.95),
      unit: 'ms',
      bar: { atMost: 300 },
      detail: `${latencies.length} words with quiet between them, ${detail}; ${spread}`,
    },
    {
      name: `${name}, the first one`,
      value: all[0] ?? Number.NaN,
      unit: 'ms',
      detail: 'the daemon had just started, and the classifier was asleep; counted above as well',
    },
    {
      name: `${name}: words heard`,
      value: latencies.length / all.length,
      unit: '',
      bar: { atLeast: 0.98 },
      detail: `${all.length} words`,
    },
  ];
}

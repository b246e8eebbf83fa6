import { Classifier } from '../../src/classifier/index.js';
import { Arbiter } from '../../src/fleet/arbiter.js';
import { SignalLevel } from '../../src/fleet/signal-level.js';
import { Listener } from '../../src/pipeline.js';
import type { Line } from '../measure.js';
import { quietRoom } from '../measure.js';
import { FleetBroker } from './broker.js';
import { SimulatedSatellite, until } from './simulated-satellite.js';
import { fleetPack, fleetWords } from './streams.js';

const WORDS = 200;
const ROOMS = 4;
/** Houses that hear at the same time, so that it is over sooner. */
const HOUSES = 10;
const BETWEEN_MS = 3500;
/** The room that is spoken in, and the others: the level of the word there, in dB. */
const NEAR_DB = [-6, 0] as const;
const FAR_DB = [-24, -8] as const;
const NOISE_DB = [-3, 12] as const;

interface Heard {
  readonly snrDb: number;
  readonly claim: { keyword: string; score: number; gate: number; snrDb: number; atMs: number } | null;
}

/** Four rooms of a house hear the same words, at different levels and in different noise: which one answers? */
export async function benchRooms(): Promise<Line[]> {
  const pack = await fleetPack();
  const classifier = new Classifier({ pack });
  const sources = await fleetWords(2 * WORDS);
  const random = seeded(7);
  const heard: Heard[][] = [];
  let n = 0;
  for (; heard.length < WORDS && n < 4 * WORDS; n++) {
    const near = Math.floor(random() * ROOMS);
    const rooms: Heard[] = [];
    for (let room = 0; room < ROOMS; room++) {
      const [from, to] = room === near ? NEAR_DB : FAR_DB;
      const levelDb = from + (to - from) * random();
      const noiseDb = NOISE_DB[0] + (NOISE_DB[1] - NOISE_DB[0]) * random();
      rooms.push(await hearWord(pack, classifier, sources[n % sources.length].samples, levelDb, noiseDb));
    }
    // A word that no room hears cannot be answered.
    if (rooms.some(({ claim }) => claim !== null)) heard.push(rooms);
  }
  await classifier.close();

  const broker = await FleetBroker.start();
  const settings = await broker.settings();
  const result = { heard: 0, one: 0, none: 0, several: 0, right: 0, near: 0, clear: 0 };
  await Promise.all(
    Array.from({ length: HOUSES }, async (_, house) => {
      const rooms = Array.from({ length: ROOMS }, (_, room) => {
        const name = `house-${house}-room-${room}`;
        const simulated = new SimulatedSatellite(pack, settings, name, { group: `house-${house}` });
        const arbiter = new Arbiter({
          satellite: name,
          room: name,
          windowMs: 300,
          send: (payload) => simulated.satellite.claim(payload),
          isUp: () => simulated.satellite.isUp,
          isAlone: () => simulated.satellite.rooms.size <= 1,
          complaints: { add: () => {} },
        });
        simulated.satellite.on('claim', (payload) => arbiter.take(payload));
        return { simulated, arbiter };
      });
      while (!rooms.every(({ simulated }) => simulated.satellite.rooms.size === ROOMS))
        await until(performance.now() + 50);
      for (let n = house; n < WORDS; n += HOUSES) {
        const beganMs = performance.now();
        const answers = await Promise.all(
          rooms.map(async ({ arbiter }, room) => {
            const { claim } = heard[n][room];
            if (claim === null) return false;
            await until(beganMs + claim.atMs);
            const { keyword, snrDb, score, gate } = claim;
            return (await arbiter.decide({ keyword, snrDb, score, gate })).answers;
          }),
        );
        count(result, heard[n], answers);
        await until(beganMs + BETWEEN_MS);
      }
      await Promise.all(rooms.map(({ simulated }) => simulated.stop()));
    }),
  );
  await broker.stop();
  return [
    {
      name: 'words with one event',
      value: result.one / result.heard,
      unit: '',
      bar: { atLeast: 1 },
      detail: `${result.heard} words, of ${n} that were said, were heard in some room; none answered ${result.none}, several ${result.several}`,
    },
    {
      name: 'words that the right room answers',
      value: result.right / result.heard,
      unit: '',
      bar: { atLeast: 0.95 },
      detail: `right is the room with the best signal over its noise of those that heard it; noise differs by up to 15 dB, levels by 2 to 24 dB`,
    },
  ];
}

function count(
  result: { heard: number; one: number; none: number; several: number; right: number },
  rooms: readonly Heard[],
  answers: readonly boolean[],
): void {
  const hearing = rooms.filter(({ claim }) => claim !== null);
  if (hearing.length === 0) return;
  result.heard++;
  const told = new Set(rooms.flatMap(({ claim }, i) => (answers[i] ? [claim!.keyword] : [])));
  const events = answers.filter(Boolean).length;
  if (events === 0) result.none++;
  else if (events > told.size) result.several++;
  else result.one++;
  const best = Math.max(...hearing.map(({ snrDb }) => snrDb));
  if (answers.some((answers, i) => answers && rooms[i].snrDb === best)) result.right++;
}

async function hearWord(
  pack: Awaited<ReturnType<typeof fleetPack>>,
  classifier: Classifier,
  word: Int16Array,
  levelDb: number,
  noiseDb: number,
): Promise<Heard> {
  const [gain, noiseGain] = [10 ** (levelDb / 20), 10 ** (noiseDb / 20)];
  const before = 3 * 16_000;
  const sound = quietRoom(before + word.length + 16_000).map((sample) => sample * noiseGain);
  const noisePower = power(sound);
  for (let i = 0; i < word.length; i++) sound[before + i] = clipped(sound[before + i] + gain * word[i]);
  const listener = new Listener({ pack, classifier, secondLook: 'off' });
  const level = new SignalLevel();
  let claim: Heard['claim'] = null;
  listener.on('detection', ({ keyword, score, sample }) => {
    claim ??= {
      keyword,
      score,
      gate: listener.account().maxScore,
      snrDb: level.overNoiseDb(sample),
      atMs: sample / 16 - before / 16,
    };
  });
  for (let at = 0; at < sound.length; at += 1280) {
    level.hear(sound.subarray(at, at + 1280), at);
    await listener.ready();
    listener.push(sound.subarray(at, at + 1280), at);
  }
  await listener.finish();
  return { snrDb: levelDb + 10 * Math.log10(power(word) / noisePower), claim };
}

/** Of the differences of neighbouring samples. */
function power(samples: Int16Array): number {
  let sum = 0;
  for (let i = 1; i < samples.length; i++) sum += (samples[i] - samples[i - 1]) ** 2;
  return sum / samples.length;
}

function clipped(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample)));
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

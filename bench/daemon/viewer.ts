import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { readAudioFile } from '../../src/audio/index.js';
import { type EventType, WakegateClient } from '../../src/client/index.js';
import { EVENT_TYPES } from '../../src/protocol/index.js';
import { type Line, quietRoom } from '../measure.js';
import { effortOf, LiveDaemon, mainThreadMs } from './live-daemon.js';

/** This file runs as dist/bench/daemon/viewer.js. */
const DEMO = fileURLToPath(new URL('../../../samples/demo.wav', import.meta.url));

/** So long the daemon is left alone first: code is compiled, and heaps find their size. */
const SETTLE_SECONDS = 15;
/** Windows with a viewer, each between two without: what else the machine does weighs on both alike. */
const ROUNDS = 3;
/** As long as from one look of the page at the status to the next, and twice the sound that is played over and over. */
const WINDOW_SECONDS = 10;
const SOUND_SECONDS = WINDOW_SECONDS / 2;
/** After a viewer has come, or gone. */
const CALM_MS = 1000;
/** What the page asks for; it asks for the status too, every ten seconds. */
const TYPES: readonly EventType[] = EVENT_TYPES.filter((type) => type !== 'level');

/** What a page that is looked at costs the daemon over none: in a quiet room and in speech. */
export async function benchViewer(model: string): Promise<Line[]> {
  const length = SOUND_SECONDS * 16_000;
  const speech = (await readAudioFile(DEMO)).slice(4 * 16_000, 4 * 16_000 + length);
  return [
    await costOfViewer('a quiet room', quietRoom(length), model),
    await costOfViewer('speech', speech, model),
  ];
}

async function costOfViewer(room: string, samples: Int16Array, model: string): Promise<Line> {
  const seconds = SETTLE_SECONDS + (2 * ROUNDS + 2) * (WINDOW_SECONDS + CALM_MS / 1000 + 1);
  const daemon = new LiveDaemon({ samples, times: Math.ceil(seconds / SOUND_SECONDS) + 2 }, model);
  try {
    await sleep(SETTLE_SECONDS * 1000);
    const alone = [await spentOver(daemon, WINDOW_SECONDS)];
    const viewed: Spent[] = [];
    let events = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const viewer = new Viewer(daemon);
      await viewer.isWatching;
      await sleep(CALM_MS);
      const before = viewer.events;
      const asking = sleep((WINDOW_SECONDS * 1000) / 2).then(() => viewer.askForStatus());
      viewed.push(await spentOver(daemon, WINDOW_SECONDS));
      events += viewer.events - before;
      await asking;
      await viewer.leave();
      await sleep(CALM_MS);
      alone.push(await spentOver(daemon, WINDOW_SECONDS));
    }
    const over = (of: (spent: Spent) => number) =>
      viewed.map((spent, i) => of(spent) - (of(alone[i]) + of(alone[i + 1])) / 2).sort((a, b) => a - b);
    const differences = over(({ mainMs }) => mainMs);
    const inAll = over(({ allMs }) => allMs)[(ROUNDS - 1) / 2];
    const [lower, upper] = [differences[0], differences.at(-1)!].map((value) => value.toFixed(2));
    return {
      name: `viewer in ${room}: CPU over none`,
      value: differences[(ROUNDS - 1) / 2],
      unit: 'ms/s',
      bar: { atMost: 1 },
      detail:
        `${(events / ROUNDS / WINDOW_SECONDS).toFixed(1)} events a second; main thread, which does all of it; median of ${ROUNDS} ` +
        `times ${WINDOW_SECONDS} s, ${lower} to ${upper}; all threads ${inAll.toFixed(2)}`,
    };
  } finally {
    await daemon.stop();
  }
}

/** One who does to the daemon what the page does. */
class Viewer {
  events = 0;
  /** Resolves with the first scores. */
  readonly isWatching: Promise<void>;
  readonly #client: WakegateClient;
  readonly #leaving = new AbortController();
  readonly #following: Promise<void>;

  constructor(daemon: LiveDaemon) {
    this.#client = new WakegateClient({ url: daemon.urlOf('/'), WebSocket });
    let watching = () => {};
    this.isWatching = new Promise((resolve) => {
      watching = resolve;
    });
    this.#following = this.#follow(watching);
  }

  async askForStatus(): Promise<void> {
    await this.#client.status();
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.#following;
  }

  async #follow(watching: () => void): Promise<void> {
    for await (const { type } of this.#client.events({
      types: TYPES,
      over: 'websocket',
      signal: this.#leaving.signal,
    })) {
      if (type !== 'scores') continue;
      this.events++;
      watching();
    }
  }
}

/** CPU time in ms a second: of the main thread, and of all with the classifier's. */
interface Spent {
  readonly mainMs: number;
  readonly allMs: number;
}

async function spentOver({ pid }: LiveDaemon, seconds: number): Promise<Spent> {
  const before = { mainMs: mainThreadMs(pid), allMs: effortOf(pid).cpuMs };
  const beganMs = performance.now();
  await sleep(seconds * 1000);
  const tookSeconds = (performance.now() - beganMs) / 1000;
  return {
    mainMs: (mainThreadMs(pid) - before.mainMs) / tookSeconds,
    allMs: (effortOf(pid).cpuMs - before.allMs) / tookSeconds,
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type Line, quietRoom } from '../measure.js';
import { effortOf, LiveDaemon } from './live-daemon.js';

const SETTLE_SECONDS = 30;
/** With and without a viewer in turn, so that what else the machine does weighs on both alike. */
const ROUNDS = 6;
const ROUND_SECONDS = 10;

/** What one who looks at the live scores costs the daemon over nobody: in a quiet room, and while there is sound. */
export async function benchViewer(model: string): Promise<Line[]> {
  const length = (SETTLE_SECONDS + (2 * ROUNDS + 2) * ROUND_SECONDS) * 16_000;
  return [
    await costOfViewer('quiet room', quietRoom(length), model),
    await costOfViewer('loud room', loudRoom(length), model),
  ];
}

/** Noise that swells and fades twice a second: it passes the level gate, and is read as promptly as speech. */
function loudRoom(length: number): Int16Array {
  return quietRoom(length).map((sample, i) => sample * (1 + 30 * Math.sin((2 * Math.PI * i) / 16_000) ** 2));
}

async function costOfViewer(room: string, samples: Int16Array, model: string): Promise<Line> {
  const daemon = new LiveDaemon({ samples }, model);
  try {
    await sleep(SETTLE_SECONDS * 1000);
    const differences: number[] = [];
    let events = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const alone = await spentMs(daemon);
      const viewer = new AbortController();
      const viewing = countEvents(daemon, viewer.signal);
      differences.push((await spentMs(daemon)) - alone);
      viewer.abort();
      events += await viewing;
    }
    differences.sort((a, b) => a - b);
    const median = (differences[ROUNDS / 2 - 1] + differences[ROUNDS / 2]) / 2;
    const [least, most] = [differences[0], differences.at(-1)!].map((value) => value.toFixed(2));
    return {
      name: `viewer in a ${room}: CPU over none`,
      value: median,
      unit: 'ms/s',
      bar: { atMost: 1 },
      detail: `${(events / ROUNDS / ROUND_SECONDS).toFixed(1)} events a second; median of ${ROUNDS} times ${ROUND_SECONDS} s, ${least} to ${most}`,
    };
  } finally {
    await daemon.stop();
  }
}

/** CPU time of the daemon in ms a second, over the next ten. */
async function spentMs({ pid }: LiveDaemon): Promise<number> {
  const before = effortOf(pid);
  await sleep(ROUND_SECONDS * 1000);
  return (effortOf(pid).cpuMs - before.cpuMs) / ROUND_SECONDS;
}

async function countEvents(daemon: LiveDaemon, signal: AbortSignal): Promise<number> {
  let events = 0;
  try {
    const answer = await fetch(daemon.urlOf('/v1/events?types=scores'), { signal });
    for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
      events += piece.split('event: scores').length - 1;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return events;
}

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type WebSocket from 'ws';
import type { Line } from '../measure.js';
import { subscribe } from './event-stream.js';
import { MeasuredProcess } from './measured-process.js';

const SUBSCRIBERS = 200;
const STUCK = 20;
/** Of one event. All of them together are more than the kernel's buffers and the daemon's limit hold for one. */
const EVENT_BYTES = 32 * 1024;
const EVENTS = 400;
const EVENT_EVERY_MS = 100;
/** What is left to a collector of garbage that is in no hurry. */
const SETTLE_MS = 10_000;
const MB = 1024 * 1024;

/** Many subscribers, some of which never read: who gets what when, and what is left of it. */
export async function benchSubscribers(): Promise<Line[]> {
  const daemon = await MeasuredProcess.start({ hears: new Int16Array(0) });
  try {
    await burst(daemon, 10, 0); // so that what is needed for the first is not taken for a leak
    await sleep(SETTLE_MS);
    const before = (await daemon.usage()).residentBytes;
    const { latencies, missed, codes } = await burst(daemon, SUBSCRIBERS, STUCK);
    await sleep(SETTLE_MS);
    const after = (await daemon.usage()).residentBytes;
    latencies.sort((a, b) => a - b);
    const how = `${SUBSCRIBERS} over WebSockets, ${EVENTS} events of ${EVENT_BYTES / 1024} KiB, ten a second`;
    return [
      {
        name: 'subscribers: p99 from the event to who reads',
        value: latencies[Math.floor(0.99 * latencies.length)],
        unit: 'ms',
        bar: { atMost: 250 },
        detail: how,
      },
      {
        name: 'subscribers: events that who reads has missed',
        value: missed,
        unit: '',
        bar: { atMost: 0 },
        detail: `of ${EVENTS * (SUBSCRIBERS - STUCK)}`,
      },
      {
        name: 'subscribers: stuck ones dropped with a code that says so',
        value: codes.filter((code) => code === 1013).length,
        unit: '',
        bar: { atLeast: STUCK },
        detail: `of ${STUCK}; 1013, try again later`,
      },
      {
        name: 'subscribers: memory, after all have gone, over before',
        value: Math.max(0, after - before) / MB,
        unit: 'MB',
        bar: { atMost: 10 },
        detail: `${(before / MB).toFixed(1)} MB before, ${(after / MB).toFixed(1)} MB ${SETTLE_MS / 1000} s after`,
      },
    ];
  } finally {
    await daemon.stop();
  }
}

interface Burst {
  /** Of every event to every subscriber that reads, in milliseconds. */
  readonly latencies: number[];
  readonly missed: number;
  /** That the stuck ones were closed with, once they looked. */
  readonly codes: number[];
}

async function burst(daemon: MeasuredProcess, count: number, stuckCount: number): Promise<Burst> {
  const latencies: number[] = [];
  const stuck: WebSocket[] = [];
  const readers: WebSocket[] = [];
  for (let n = 0; n < count; n++) {
    const isStuck = n < stuckCount;
    const socket = await subscribe(
      daemon.url,
      ({ type, time }) => {
        if (type === 'classifier' && !isStuck) latencies.push(Date.now() - Date.parse(time));
      },
      '?types=classifier',
    );
    if (isStuck) socket.pause();
    (isStuck ? stuck : readers).push(socket);
  }
  for (let n = 0; n < EVENTS; n++) {
    daemon.publish(EVENT_BYTES);
    await sleep(EVENT_EVERY_MS);
  }
  const wanted = EVENTS * readers.length;
  for (let tries = 0; tries < 100 && latencies.length < wanted; tries++) await sleep(100);
  const codes = await Promise.all(
    stuck.map(async (socket) => {
      const closed = once(socket, 'close');
      socket.resume();
      return (await closed)[0] as number;
    }),
  );
  for (const socket of readers) socket.close();
  return { latencies, missed: wanted - latencies.length, codes };
}

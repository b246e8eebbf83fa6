import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { effortOf, LiveDaemon, residentMb } from '../daemon/live-daemon.js';
import { quietRoom } from '../measure.js';
import type { EngineProcess } from './engine-process.js';
import { type Spread, spreadOf } from './spread.js';

/** An engine at a microphone in a quiet room, and then a word. */
export interface Live {
  /** Times a second that a thread of it waits, and is woken up. */
  readonly wakeUps: Spread;
  /** CPU milliseconds a second. */
  readonly cpuMs: Spread;
  /** Resident, in the quiet room. */
  readonly quietMb: number;
  /** Resident, after a word. */
  readonly heardMb: number;
}

export interface LivePlan {
  readonly settleSeconds: number;
  readonly windows: number;
  readonly windowSeconds: number;
  /** 16 kHz. */
  readonly word: Int16Array;
}

/** A microphone gives its samples by so many: 80 ms. */
const PERIOD = 1280;
const AFTER_SECONDS = 3;

/** An engine that reads a pipe as it fills. */
export async function liveEngine(engine: EngineProcess, plan: LivePlan): Promise<Live> {
  const pipe = engine.listen();
  const samples = soundOf(plan);
  let at = 0;
  const began = performance.now();
  const clock = setInterval(() => {
    for (; at + PERIOD <= Math.min(samples.length, (performance.now() - began) * 16); at += PERIOD) {
      pipe.write(new Uint8Array(samples.buffer, 2 * at, 2 * PERIOD));
    }
  }, PERIOD / 16);
  try {
    return await watch(engine.pid, plan);
  } finally {
    clearInterval(clock);
  }
}

/** The whole of wakegate's daemon, its server included, which chooses by itself how often it reads. */
export async function liveDaemon(model: string, core: number, plan: LivePlan): Promise<Live> {
  const daemon = new LiveDaemon({ samples: soundOf(plan) }, model);
  try {
    execFileSync('taskset', ['-a', '-c', '-p', String(core), String(daemon.pid)], { stdio: 'ignore' });
    return await watch(daemon.pid, plan);
  } finally {
    await daemon.stop();
  }
}

function soundOf({ settleSeconds, windows, windowSeconds, word }: LivePlan): Int16Array {
  const quiet = (settleSeconds + windows * windowSeconds + 1) * 16_000;
  const samples = quietRoom(quiet + word.length + AFTER_SECONDS * 16_000);
  samples.set(word, quiet);
  return samples;
}

async function watch(pid: number, plan: LivePlan): Promise<Live> {
  const { settleSeconds, windows, windowSeconds, word } = plan;
  await sleep(settleSeconds * 1000);
  const waits: number[] = [];
  const cpuMs: number[] = [];
  for (let window = 0; window < windows; window++) {
    const [before, from] = [effortOf(pid), performance.now()];
    await sleep(windowSeconds * 1000);
    const [after, seconds] = [effortOf(pid), (performance.now() - from) / 1000];
    waits.push((after.waits - before.waits) / seconds);
    cpuMs.push((after.cpuMs - before.cpuMs) / seconds);
  }
  const quietMb = residentMb(pid);
  await sleep(1000 + word.length / 16 + (AFTER_SECONDS - 1) * 1000);
  return { wakeUps: spreadOf(waits), cpuMs: spreadOf(cpuMs), quietMb, heardMb: residentMb(pid) };
}

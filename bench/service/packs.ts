import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelPack } from '../../src/model/index.js';
import type { DaemonEvent } from '../../src/protocol/index.js';
import type { Line } from '../measure.js';
import { detectionsAmong, subscribe } from './event-stream.js';
import { MeasuredProcess } from './measured-process.js';
import { gapsLine } from './microphone-lines.js';
import { clipsOf, type Detections } from './words.js';

const CHANGES = 100;
/** More than it takes a pack to take over: it listens along for its window first. */
const CHANGE_SECONDS = 2.5;
/** By which a detection may be off where the other pack has heard the beginning: two handoffs. */
const OFF_SECONDS = 0.32;

/** Another pack, with the same content, again and again while words are heard: all of them must be detected. */
export async function benchPacks(pack: ModelPack): Promise<Line[]> {
  const [spoken] = await clipsOf(pack, 1, CHANGES * CHANGE_SECONDS);
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-packs-'));
  const ids = ['one', 'other'];
  for (const id of ids) await cp(pack.directory, join(folder, id), { recursive: true });
  const daemon = await MeasuredProcess.start({
    hears: spoken.samples,
    config: { model: join(folder, ids[0]) },
  });
  const heard: DaemonEvent[] = [];
  let failed = 0;
  try {
    const socket = await subscribe(
      daemon.url,
      (event) => heard.push(event as DaemonEvent),
      '?types=detection',
    );
    const startMs = performance.now();
    for (let n = 1; n <= CHANGES; n++) {
      const answer = await fetch(`${daemon.url}/v1/model`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: ids[n % ids.length] }),
      });
      if (answer.status !== 200) failed++;
    }
    const seconds = (performance.now() - startMs) / 1000;
    await sleep(Math.max(0, CHANGES * CHANGE_SECONDS - seconds) * 1000 + 2000);
    const { input } = await daemon.status();
    const { lateMs } = daemon.microphone.delays();
    socket.close();
    return [
      {
        name: 'packs: changes that failed, and faults that were logged',
        value: failed + daemon.faults.length,
        unit: '',
        bar: { atMost: 0 },
        detail: [`of ${CHANGES} in ${seconds.toFixed(0)} s of words`, ...daemon.faults].join('; '),
      },
      gapsLine('packs', input, `itself was ${lateMs.toFixed(0)} ms late at most`),
      {
        name: 'packs: words that were missed, or heard twice',
        value: differing(detectionsAmong(heard), spoken.detections),
        unit: '',
        bar: { atMost: 0 },
        detail: `of ${spoken.detections.length}, as without changes to within ${OFF_SECONDS} s`,
      },
    ];
  } finally {
    await daemon.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many of each are not among the others. */
function differing(a: Detections, b: Detections): number {
  const lacks = (all: Detections, { keyword, time }: Detections[number]) =>
    !all.some((other) => other.keyword === keyword && Math.abs(other.time - time) <= OFF_SECONDS);
  return a.filter((one) => lacks(b, one)).length + b.filter((one) => lacks(a, one)).length;
}

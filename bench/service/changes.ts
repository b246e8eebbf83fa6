import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelPack } from '../../src/model/index.js';
import type { DaemonEvent } from '../../src/protocol/index.js';
import type { Line } from '../measure.js';
import { subscribe } from './event-stream.js';
import { MeasuredProcess } from './measured-process.js';
import { gapsLine, sameDetectionsLine } from './microphone-lines.js';
import { clipsOf } from './words.js';

const CHANGES = 100;
const PLAY_SECONDS = 30;

/** Thresholds that change while words are heard, and a microphone that is muted again and again. */
export async function benchChanges(pack: ModelPack): Promise<Line[]> {
  return [...(await changeThresholds(pack)), ...(await mute())];
}

/** Of a keyword that the words do not hold, so that they must be detected as if nothing had been changed. */
async function changeThresholds(pack: ModelPack): Promise<Line[]> {
  const [spoken] = await clipsOf(pack, 1, PLAY_SECONDS);
  const unheard = pack.keywords.find(({ name }) =>
    spoken.detections.every(({ keyword }) => keyword !== name),
  );
  if (unheard === undefined) throw new Error('every keyword is spoken in the sample');
  const daemon = await MeasuredProcess.start({ hears: spoken.samples });
  const heard: DaemonEvent[] = [];
  let failed = 0;
  try {
    const socket = await subscribe(
      daemon.url,
      (event) => heard.push(event as DaemonEvent),
      '?types=detection,config',
    );
    for (let n = 0; n < CHANGES; n++) {
      const answer = await fetch(`${daemon.url}/v1/keywords/${unheard.name}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ threshold: n % 2 === 0 ? 0.99 : 1 }),
      });
      if (answer.status !== 200) failed++;
      await sleep((PLAY_SECONDS * 1000) / CHANGES);
    }
    await sleep(2000);
    const { input } = await daemon.status();
    const { lateMs } = daemon.microphone.delays();
    socket.close();
    const told = heard.filter(({ type }) => type === 'config').length;
    return [
      {
        name: 'thresholds: changes that failed, or were not reported',
        value: failed + (CHANGES - told),
        unit: '',
        bar: { atMost: 0 },
        detail: `of ${CHANGES} in ${PLAY_SECONDS} s of words`,
      },
      gapsLine('thresholds', input, `itself was ${lateMs.toFixed(0)} ms late at most`),
      sameDetectionsLine('thresholds: detections meanwhile, as without changes', heard, spoken.detections),
    ];
  } finally {
    await daemon.stop();
  }
}

async function mute(): Promise<Line[]> {
  const daemon = await MeasuredProcess.start({ hears: new Int16Array(0) });
  let failed = 0;
  try {
    for (let n = 0; n < CHANGES; n++) {
      for (const change of ['mute', 'unmute']) {
        const answer = await fetch(`${daemon.url}/v1/${change}`, { method: 'POST' });
        if (answer.status !== 200) failed++;
      }
      await untilListening(daemon);
    }
    const { input } = await daemon.status();
    return [
      {
        name: 'mute: requests that failed, and faults that were logged',
        value: failed + daemon.faults.length,
        unit: '',
        bar: { atMost: 0 },
        detail: [`${CHANGES} times muted and unmuted`, ...daemon.faults].join('; '),
      },
      {
        name: 'mute: gaps outside the muted times',
        value: Math.max(0, input.gaps - CHANGES) + input.restarts,
        unit: '',
        bar: { atMost: 0 },
        detail: `${input.gaps} gaps, at most one for each`,
      },
    ];
  } finally {
    await daemon.stop();
  }
}

async function untilListening(daemon: MeasuredProcess): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
    const { state } = (await daemon.status()).input;
    if (state === 'listening' || state === 'restored') return;
    await sleep(20);
  }
  throw new Error(`the microphone was not listened to again: ${daemon.faults.join('; ')}`);
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelPack } from '../../src/model/index.js';
import type { DaemonEvent } from '../../src/protocol/index.js';
import type { Line } from '../measure.js';
import { subscribe } from './event-stream.js';
import { MeasuredProcess } from './measured-process.js';
import { gapsLine, sameDetectionsLine } from './microphone-lines.js';
import { type Clip, clipsOf, type Detections, isSame } from './words.js';

const BODIES = 50;
const BODY_SECONDS = 10;
const CLIPS = 10;
const MICROPHONE_SECONDS = 30;
const TRIES = 300;

/** Many files at once for POST /v1/detect, while the microphone hears words too. */
export async function benchBodies(pack: ModelPack): Promise<Line[]> {
  const clips = await clipsOf(pack, CLIPS, BODY_SECONDS);
  const [spoken] = await clipsOf(pack, 1, MICROPHONE_SECONDS);
  const daemon = await MeasuredProcess.start({ hears: spoken.samples });
  const heard: DaemonEvent[] = [];
  try {
    const socket = await subscribe(
      daemon.url,
      (event) => heard.push(event as DaemonEvent),
      '?types=detection',
    );
    await sleep(2000);
    const startMs = performance.now();
    const first = await Promise.all(Array.from({ length: BODIES }, (_, n) => post(daemon, clips[n % CLIPS])));
    const refused = first.filter(({ status }) => status === 429);
    const lost = first.filter(({ status }) => status !== 200 && status !== 429).length;
    const answered = await Promise.all(
      Array.from({ length: BODIES }, (_, n) =>
        first[n].status === 200 ? first[n] : insist(daemon, clips[n % CLIPS]),
      ),
    );
    const seconds = (performance.now() - startMs) / 1000;
    const wrong = answered.filter(({ detections }, n) => !isSame(detections, clips[n % CLIPS].detections));
    await sleep(Math.max(0, MICROPHONE_SECONDS * 1000 - (performance.now() - startMs)));
    const { input } = await daemon.status();
    socket.close();
    const { blockedMs, lateMs } = daemon.microphone.delays();
    return [
      {
        name: 'detect: files answered neither with a report nor 429',
        value: lost + refused.filter(({ retryAfter }) => retryAfter === null).length,
        unit: '',
        bar: { atMost: 0 },
        detail: `of ${BODIES} of ${BODY_SECONDS} s at once; ${refused.length} were asked to try again, and did`,
      },
      {
        name: 'detect: files with other detections than wakegate detect',
        value: wrong.length,
        unit: '',
        bar: { atMost: 0 },
        detail: `of ${BODIES}, all answered within ${seconds.toFixed(1)} s`,
      },
      gapsLine(
        'detect',
        input,
        `waited ${blockedMs.toFixed(0)} ms at most, and was ${lateMs.toFixed(0)} ms late itself`,
      ),
      sameDetectionsLine(
        'detect: detections of the microphone meanwhile, as by itself',
        heard,
        spoken.detections,
      ),
    ];
  } finally {
    await daemon.stop();
  }
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly detections: Detections;
}

async function post({ url }: MeasuredProcess, { wav }: Clip): Promise<Answer> {
  const answer = await fetch(`${url}/v1/detect`, {
    method: 'POST',
    headers: { 'content-type': 'audio/wav' },
    body: wav as Uint8Array<ArrayBuffer>,
  });
  const { detections = [] } = (await answer.json()) as { detections?: Detections };
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), detections };
}

/** As a client does that is asked to try again. */
async function insist(daemon: MeasuredProcess, clip: Clip): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const answer = await post(daemon, clip);
    if (answer.status === 200 || tries === TRIES) return answer;
    await sleep(1000 * Number(answer.retryAfter ?? 1) * (0.5 + Math.random()));
  }
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { fastify } from 'fastify';
import type { Browser, CDPSession } from 'playwright-core';
import type { DaemonEvent, Message, ScoresEvent, Status } from '../../src/protocol/index.js';
import { pageRoutes } from '../../src/server/routes/page.js';
import { launchBrowser, NO_BROWSER, openPage } from '../support/browser.js';
import { makeDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const HOURS = 24;
/** In which the heap is measured. */
const LAST_HOURS = 6;
const SECONDS_PER_HOUR = 3600;
/** Of ten scores a second one in two seconds is sent, which is enough to find what is kept of each. */
const SCORES_EVERY_S = 2;
/** For all scores of a day it might be twenty times as much. */
const MOST_GROWTH_BYTES = 500_000;
const MINUTES_PER_WORD = 3;

type Body = DaemonEvent extends infer Event
  ? Event extends DaemonEvent
    ? Omit<Event, 'sequence' | 'time'>
    : never
  : never;

/** What happens in a busy house, an hour of it at a time: each minute the gate opens, now and then there is a word. */
class Day {
  #sequence = 1;
  #second = 0;

  constructor(readonly names: readonly string[]) {}

  *hour(): Generator<Message> {
    for (let i = 0; i < SECONDS_PER_HOUR; i++, this.#second++) {
      if (this.#second % SCORES_EVERY_S === 0) yield this.#scores();
      const place = { sample: this.#second * 16_000, seconds: this.#second };
      if (this.#second % 60 === 10) yield this.#event({ type: 'gate', open: true, score: 0.9, ...place });
      if (this.#second % 60 === 11) yield* this.#wake('asleep', 'waking');
      if (this.#second % 60 === 12) yield* this.#wake('waking', 'awake');
      if (this.#second % (60 * MINUTES_PER_WORD) === 14) yield this.#word(place);
      if (this.#second % 60 === 15) yield this.#event({ type: 'gate', open: false, score: 0.1, ...place });
      if (this.#second % 60 === 40) yield* this.#wake('awake', 'asleep');
      if (this.#second % 600 === 0) yield this.#problem('it is too quiet');
      if (this.#second % 600 === 30) yield this.#problem(null);
    }
  }

  #event(body: Body): DaemonEvent {
    return {
      ...body,
      sequence: this.#sequence++,
      time: new Date(this.#second * 1000).toISOString(),
    } as DaemonEvent;
  }

  *#wake(
    previous: 'asleep' | 'waking' | 'awake',
    state: 'asleep' | 'waking' | 'awake',
  ): Generator<DaemonEvent> {
    yield this.#event({ type: 'classifier', state, previous, reason: 'the gate' });
  }

  #problem(problem: string | null): DaemonEvent {
    return this.#event({ type: 'problem', part: 'input', problem });
  }

  #word(place: { sample: number; seconds: number }): DaemonEvent {
    const keyword = this.names[this.#second % this.names.length];
    return this.#event({
      type: 'detection',
      keyword,
      label: keyword,
      score: 0.999,
      secondLook: null,
      heardAt: new Date(this.#second * 1000).toISOString(),
      cost: { handoffs: 5, bytes: 1200, cpuMs: 100, energyMj: 37.5, basis: 'profile:pi-zero-2w' },
      ...place,
    } as Body);
  }

  #scores(): ScoresEvent {
    const isAwake = this.#second % 60 > 12 && this.#second % 60 < 40;
    const posteriors = Object.fromEntries(this.names.map((name, i) => [name, (this.#second % (i + 7)) / 20]));
    return {
      type: 'scores',
      sequence: this.#sequence - 1,
      time: new Date(this.#second * 1000).toISOString(),
      sample: this.#second * 16_000,
      seconds: this.#second,
      dbfs: -60 + (this.#second % 30),
      noiseDbfs: -62,
      gate: { score: (this.#second % 10) / 10, threshold: 0.78, open: isAwake },
      classifier: isAwake ? 'awake' : 'asleep',
      posteriors: isAwake ? posteriors : null,
      looks: isAwake
        ? [
            {
              keyword: this.names[0],
              sample: this.#second * 16_000,
              posterior: 0.9,
              second: 0.4,
              score: 0.8,
              agreed: false,
            },
          ]
        : [],
    };
  }
}

describe('a page that is left open', { skip: NO_BROWSER }, () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let status: Status;

  before(async () => {
    const model = `${folder}/pack`;
    await makeTinyPack(model);
    const { daemon, end } = await makeDaemon({ model, input: wavFile(folder, 'a.wav', voice(16_000, 1)) });
    status = daemon.status();
    await end();
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  test('needs no more memory after a day of events than after its first hour', async (t) => {
    const day = new Day(status.keywords.map(({ name }) => name));
    let stream: ServerResponse | null = null;
    let opened = () => {};
    const isOpen = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const files = fastify();
    await files.register(pageRoutes);
    const answers: Record<string, unknown> = {
      '/v1/status': { ...status, input: { ...status.input, state: 'listening' } },
      '/v1/keywords/jobs': { jobs: [] },
      '/v1/tickets': { ticket: 'any', expiresAt: '' },
    };
    const server = createServer(async ({ url }, answer) => {
      const [path, query = ''] = url!.split('?');
      if (path === '/v1/events') {
        answer.writeHead(200, { 'content-type': 'text/event-stream' });
        const snapshot = {
          type: 'snapshot',
          sequence: 0,
          complete: true,
          time: '',
          status: answers['/v1/status'],
        };
        answer.write(`data: ${JSON.stringify(snapshot)}\n\n`);
        if (!decodeURIComponent(query).includes('scores')) return;
        stream = answer;
        opened();
      } else if (path in answers) {
        answer.setHeader('content-type', 'application/json').end(JSON.stringify(answers[path]));
      } else {
        const { statusCode, headers, rawPayload } = await files.inject(path);
        answer.writeHead(statusCode, headers as Record<string, string>).end(rawPayload);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close().closeAllConnections());
    const { page, faults } = await openPage(browser);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await isOpen;
    const session = await page.context().newCDPSession(page);

    const live = async () => {
      let text = '';
      for (const message of day.hour()) {
        text += `data: ${JSON.stringify(message)}\n\n`;
        if (text.length < 60_000) continue;
        const to = stream!;
        // A page that was held up connects again: what is written then goes to its new stream.
        if (!to.write(text) && !to.destroyed) await drainedOrClosed(to);
        text = '';
      }
      stream!.write(text);
    };
    /** All of an hour was taken when its last word is shown. */
    const settled = async (hour: number) => {
      const second = hour * 3600 - 60 * MINUTES_PER_WORD + 14;
      const heardAt = new Date(second * 1000).toISOString();
      await page.locator(`.detections tbody tr:first-child time[datetime="${heardAt}"]`).waitFor();
    };
    await live();
    await settled(1);
    const first = await heapBytes(session);
    // A moment's garbage is not growth: what is kept is there at each of the last hours.
    let last = Number.POSITIVE_INFINITY;
    for (let hour = 2; hour <= HOURS; hour++) {
      await live();
      if (hour <= HOURS - LAST_HOURS) continue;
      await settled(hour);
      last = Math.min(last, await heapBytes(session));
    }
    t.diagnostic(
      `heap: ${(first / 1e6).toFixed(2)} MB after an hour, ${(last / 1e6).toFixed(2)} MB after a day`,
    );
    assert.ok(last - first < MOST_GROWTH_BYTES, `${last - first} bytes more`);
    assert.equal(await page.locator('.detections tbody tr').count(), 12);
    assert.deepEqual(faults, []);
  });
});

async function drainedOrClosed(stream: ServerResponse): Promise<void> {
  const either = new AbortController();
  const { signal } = either;
  await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]);
  either.abort();
}

async function heapBytes(session: CDPSession): Promise<number> {
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

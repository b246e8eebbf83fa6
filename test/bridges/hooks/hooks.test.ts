import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Delivery } from '../../../src/bridges/hooks/delivery.js';
import { Hook } from '../../../src/bridges/hooks/hook.js';
import { Hooks } from '../../../src/bridges/hooks/index.js';
import type { HookConfig } from '../../../src/config/index.js';
import { EventBus } from '../../../src/daemon/event-bus.js';
import { WakegateError } from '../../../src/errors.js';
import type { KeywordInfo } from '../../../src/protocol/index.js';
import { detectionEvent } from '../../support/hook-events.js';
import { HookReceiver } from '../../support/hook-receiver.js';

const KEYWORDS = [
  { name: 'alexa', label: 'Alexa' },
  { name: 'computer', label: 'Computer' },
] as KeywordInfo[];

/** Hooks on a bus, and the problems that they have reported. */
async function open(hooks: Record<string, HookConfig>) {
  const events = new EventBus();
  const problems: (string | null)[] = [];
  const service = {
    events,
    keywords: () => KEYWORDS,
    status: () => ({ input: { name: 'x', state: 'listening', reason: null, problem: null } }) as never,
  };
  const logged: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => logged.push(JSON.parse(line).msg) });
  const opened = await Hooks.open(hooks, { service, logger, onProblem: (problem) => problems.push(problem) });
  await opened.start();
  const { type: _, sequence, time, ...fields } = detectionEvent();
  const detect = (keyword: string) => events.publish({ type: 'detection', ...fields, keyword });
  return { hooks: opened, events, detect, problems, logged };
}

test('each hook gets the events that it is for', async (t) => {
  const all = await HookReceiver.start(t);
  const one = await HookReceiver.start(t);
  const others = await HookReceiver.start(t);
  const { hooks, events, detect } = await open({
    all: { url: all.url },
    one: { url: one.url, keywords: ['computer'] },
    others: { url: others.url, on: ['gate', 'problem'] },
    off: { url: all.url, enabled: false },
  });
  detect('alexa');
  events.publish({ type: 'gate', open: true, score: 0.9, sample: 1, seconds: 1 });
  events.publish({ type: 'problem', part: 'hooks', problem: 'its own' });
  events.publish({ type: 'test', keyword: 'alexa', label: 'Alexa', fire: false });
  events.publish({ type: 'problem', part: 'log', problem: 'full' });
  detect('computer');
  events.publish({ type: 'test', keyword: 'computer', label: 'Computer', fire: true });
  const said = async (receiver: HookReceiver, count: number, key: string) =>
    (await receiver.count(count)).map(({ body }) => JSON.parse(body)[key]);
  assert.deepEqual(await said(all, 3, 'keyword'), ['alexa', 'computer', 'computer'], 'in order');
  assert.deepEqual(await said(one, 2, 'test'), [undefined, true], 'a test that fires is like a word');
  assert.deepEqual(await said(others, 2, 'type'), ['gate', 'problem']);
  assert.equal(JSON.parse(others.received[1].body).part, 'log');
  assert.equal(all.mostAtOnce, 1);
  await hooks.stop();
  detect('alexa');
  assert.deepEqual(
    hooks.list().map(({ name, waiting }) => [name, waiting]),
    [
      ['all', 0],
      ['one', 0],
      ['others', 0],
    ],
  );
});

test('a hook that fails is a problem, told once, until it works', async (t) => {
  const receiver = await HookReceiver.start(t, [
    { status: 404 },
    { status: 404 },
    { status: 410 },
    { status: 200 },
  ]);
  const { hooks, detect, problems } = await open({ lamp: { url: `${receiver.url}/api/webhook/hidden` } });
  t.after(() => hooks.stop());
  for (let i = 0; i < 4; i++) detect('alexa');
  while (problems.at(-1) !== null) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(problems, [
    `the hook "lamp" failed: ${receiver.url} answers 404`,
    `the hook "lamp" failed: ${receiver.url} answers 410`,
    null,
  ]);
  const [{ target, delivered, failed, dropped, problem }] = hooks.list();
  assert.deepEqual([target, delivered, failed, dropped, problem], [receiver.url, 1, 3, 0, null]);
});

test('a test says what came of it, and that it is one', async (t) => {
  const receiver = await HookReceiver.start(t, [{ status: 200 }, { status: 500 }]);
  const { hooks, problems } = await open({
    lamp: { url: receiver.url, keywords: ['computer'] },
    log: {
      command: ['/bin/sh', '-c', 'test "$EVENT_TEST" = true && test "$EVENT_PART" = hooks'],
      on: ['problem'],
    },
    gate: { command: ['/bin/sh', '-c', 'exit 7'], on: ['gate'] },
  });
  t.after(() => hooks.stop());
  const well = await hooks.test('lamp');
  assert.deepEqual([well.delivered, well.problem], [true, null]);
  const { type, keyword, test: isTest } = JSON.parse(receiver.received[0].body);
  assert.deepEqual([type, keyword, isTest], ['detection', 'computer', true]);
  const badly = await hooks.test('lamp');
  assert.deepEqual([badly.delivered, badly.problem], [false, `${receiver.url} answers 500`]);
  assert.equal((await hooks.test('log')).problem, null);
  assert.match((await hooks.test('gate')).problem!, /exit code 7/);
  assert.deepEqual(problems, [], 'a test changes nothing');
  await assert.rejects(hooks.test('lamb'), { code: 'WG_UNKNOWN_NAME', message: /did you mean "lamp"/ });
});

test('only the newest wait, the others are dropped and counted, and nothing holds up the bus', async () => {
  const ended: (() => void)[] = [];
  const seen: number[] = [];
  const delivery: Delivery = {
    kind: 'command',
    target: 'x',
    atOnce: 2,
    mostAgeMs: 60_000,
    deliver: (event) => {
      seen.push(event.sequence);
      return new Promise((resolve) => ended.push(resolve));
    },
  };
  const logged: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => logged.push(JSON.parse(line).msg) });
  const hook = new Hook({
    name: 'x',
    on: ['detection'],
    keywords: null,
    delivery,
    logger,
    onChange: () => {},
  });
  for (let sequence = 1; sequence <= 40; sequence++) hook.take(detectionEvent({ sequence }));
  assert.deepEqual(seen, [1, 2], 'two at once');
  assert.equal(hook.info().waiting, 32);
  assert.equal(hook.info().dropped, 6);
  assert.equal(logged.length, 1, 'told once');
  while (hook.info().delivered < 34) {
    ended.shift()?.();
    await new Promise(setImmediate);
  }
  assert.deepEqual(
    seen.slice(2),
    Array.from({ length: 32 }, (_, i) => i + 9),
    'the newest, in order',
  );
  await hook.stop();
});

test('events that have waited too long are dropped', async () => {
  let fail: (error: Error) => void = () => {};
  const seen: number[] = [];
  const delivery: Delivery = {
    kind: 'webhook',
    target: 'x',
    atOnce: 1,
    mostAgeMs: 1000,
    deliver: ({ sequence }) => {
      seen.push(sequence);
      return new Promise((_, reject) => {
        fail = reject;
      });
    },
  };
  const logger = pino({ level: 'silent' });
  let nowMs = 0;
  const now = () => nowMs;
  const hook = new Hook({
    name: 'x',
    on: ['detection'],
    keywords: null,
    delivery,
    logger,
    onChange: () => {},
    now,
  });
  hook.take(detectionEvent({ sequence: 1 }));
  hook.take(detectionEvent({ sequence: 2 }));
  nowMs = 1001;
  fail(new WakegateError('WG_HOOK_FAILED', 'x'));
  while (hook.info().failed === 0) await new Promise(setImmediate);
  await new Promise(setImmediate);
  assert.deepEqual(seen, [1]);
  assert.deepEqual([hook.info().failed, hook.info().dropped, hook.info().waiting], [1, 1, 0]);
});

test('a secret that cannot be read keeps the hooks from opening, a missing program is logged', async () => {
  await assert.rejects(open({ lamp: { url: 'http://127.0.0.1:9', secretFile: '/nowhere/secret' } }), {
    code: 'WG_CONFIG_INVALID',
  });
  const { hooks, logged } = await open({ chime: { command: [join('/nowhere', 'chime')] } });
  assert.match(logged[0], /hook "chime" cannot work yet: there is no program \/nowhere\/chime/);
  await hooks.stop();
});

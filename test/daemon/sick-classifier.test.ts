import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { defaultConfig } from '../../src/config/index.js';
import { ClassifierWatch } from '../../src/daemon/classifier-watch.js';
import { EventBus } from '../../src/daemon/event-bus.js';
import { LoadedPack } from '../../src/daemon/loaded-pack.js';
import { Problems } from '../../src/daemon/problems.js';
import { SwitchingListener } from '../../src/daemon/switching-listener.js';
import { EnergyMeter } from '../../src/energy/index.js';
import type { ModelPack } from '../../src/model/index.js';
import type { DaemonEvent, Status } from '../../src/protocol/index.js';
import { Subscriber, wavFile } from '../support/daemon-fixture.js';
import { programsOnPath } from '../support/fake-recorder.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess } from '../support/wakegate-process.js';

const SICK_WORKERS = fileURLToPath(new URL('../support/sick-workers.js', import.meta.url));
const folder = temporaryFolder();
const directory = join(folder, 'pack');
let pack: ModelPack;
let input: string;
let short: string;
before(async () => {
  pack = await makeTinyPack(directory);
  input = wavFile(folder, 'long.wav', voice(16_000, 240));
  short = wavFile(folder, 'short.wav', voice(16_000, 2));
});

/** The real daemon, listening without a gate, whose workers can be made sick. */
async function daemonWithSickness(t: TestContext, name: string) {
  const sickness = join(folder, name);
  const notified = join(folder, `${name}.notified`);
  const bin = programsOnPath(t, folder, { 'systemd-notify': `#!/bin/sh\necho "$1" >> "${notified}"\n` });
  const args = [
    'run',
    '--model',
    directory,
    '--port',
    '0',
    '--backend',
    'wasm',
    '--input',
    input,
    '--gate',
    'off',
  ];
  const env = { PATH: bin, SICK: sickness, NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '600000' };
  const daemon = new WakegateProcess(t, args, { nodeFlags: ['--import', SICK_WORKERS], env });
  const url = await daemon.url();
  const problems = new Subscriber(t, url, '?types=problem');
  const isReady = async () => (await fetch(`${url}/readyz`)).status === 200;
  const status = async () => (await (await fetch(`${url}/v1/status`)).json()) as Status;
  while ((await status()).classifier.answered === 0) await sleep(20);
  return {
    daemon,
    problems,
    isReady,
    status,
    fallIll: (how: 'hang' | 'die') => writeFileSync(sickness, how),
    recover: () => rmSync(sickness),
    feedings: () => (existsSync(notified) ? readFileSync(notified, 'utf8').match(/WATCHDOG/g)!.length : 0),
    detect: () =>
      fetch(`${url}/v1/detect`, {
        method: 'POST',
        headers: { 'content-type': 'audio/wav' },
        body: readFileSync(short),
      }),
  };
}

for (const [how, says] of [
  ['hang', /died 1 time: it gave no answer within 15 s/],
  ['die', /died \d+ times in a row: exit code 1/],
] as const) {
  test(`workers that ${how} are reported in the log, as an event, in /readyz and to systemd, until one answers`, {
    timeout: 180_000,
  }, async (t) => {
    const sick = await daemonWithSickness(t, how);
    assert.ok(await sick.isReady());
    sick.fallIll(how);
    const waiting = sick.detect();
    const { part } = await sick.problems.message('problem', ({ problem }) => says.test(problem ?? ''));
    assert.equal(part, 'classifier');
    await sick.daemon.logLine((line) => line.part === 'classifier' && says.test(line.msg));
    assert.ok(!(await sick.isReady()));
    assert.match((await sick.status()).problems[0].problem, says);
    await sleep(500); // what was on its way when the news came
    const fed = sick.feedings();
    assert.ok(fed > 0);
    await sleep(1500);
    assert.equal(sick.feedings(), fed, 'the watchdog is not fed');
    assert.equal((await waiting).status, 503, 'who waited is answered');

    sick.recover();
    await sick.problems.message('problem', ({ problem }) => problem === null);
    assert.ok(await sick.isReady());
    while (sick.feedings() === fed) await sleep(50);
    assert.equal((await sick.detect()).status, 200);
    assert.deepEqual((await sick.status()).problems, []);
  });
}

describe('the test of a classifier that nobody asks', () => {
  function watched(t: TestContext, testMs: number) {
    const meter = new EnergyMeter(pack.handoff);
    const logger = pino({ level: 'silent' });
    const config = { ...defaultConfig(), backend: 'wasm' as const, idleSeconds: 0 };
    const loaded = new LoadedPack({ pack, keywords: pack.keywords, config, meter, logger });
    const bus = new EventBus();
    const told: (string | null)[] = [];
    bus.on('event', (event: DaemonEvent) => event.type === 'problem' && told.push(event.problem));
    const listener = new SwitchingListener(loaded, meter);
    const watch = new ClassifierWatch(listener, new Problems(bus, logger), {
      testMs,
      retestMs: 20,
      tellMs: 0,
    });
    const { classifier } = loaded;
    const beats = setInterval(() => watch.beat(), 5);
    t.after(async () => {
      clearInterval(beats);
      await classifier.close();
    });
    return { classifier, told, watch };
  }

  test('wakes it once in the time that is set, and not while it has answered others', async (t) => {
    const { classifier, told } = watched(t, 1000);
    const startMs = performance.now();
    while (classifier.status().wakes < 3) await sleep(5);
    assert.ok(performance.now() - startMs >= 3000 - 50, 'one in each second at most');
    assert.deepEqual(told, []);
  });

  test('tells a failure, and tries again soon', async (t) => {
    let sick = true;
    const infect = (worker: Worker) => {
      if (sick) void worker.terminate();
    };
    process.on('worker', infect);
    t.after(() => process.off('worker', infect));
    const { told, watch } = watched(t, 50);
    while (!told.some((problem) => problem?.includes('3 times'))) await sleep(5);
    assert.equal(watch.beat(), false);
    sick = false;
    while (told.at(-1) !== null) await sleep(5);
    assert.equal(watch.beat(), true);
  });
});

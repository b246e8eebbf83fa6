import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { defaultConfig } from '../../src/config/index.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { DaemonFleet } from '../../src/daemon/fleet.js';
import type { DetectionEvent } from '../../src/protocol/index.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { hearAcrossFallback, startWorker } from '../support/fleet.js';
import { Mosquitto, noMosquitto, Watcher } from '../support/mosquitto.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const skip = noMosquitto;
const folder = temporaryFolder();
const models = join(folder, 'models');
const pack = join(models, 'tiny');
const inputs = {
  kitchen: wavFile(folder, 'kitchen.wav', voice(16_000, 1)),
  bedroom: wavFile(folder, 'bedroom.wav', voice(16_000, 0.5)),
};
const keywords = { one: { threshold: 0.01 }, two: { threshold: 0.01 } };

before(async () => {
  mkdirSync(models);
  await makeTinyPack(pack);
});

/** Everything a daemon detects in its input. */
async function heardBy(daemon: Daemon): Promise<Pick<DetectionEvent, 'keyword' | 'score' | 'sample'>[]> {
  while (daemon.status().input.state !== 'ended') await once(daemon.events, 'event');
  return daemon.events
    .since(0)
    .filter((event) => event.type === 'detection')
    .map(({ keyword, score, sample }) => ({ keyword, score, sample }));
}

function startSatellite(t: TestContext, broker: Mosquitto, name: keyof typeof inputs, lines: string[] = []) {
  const write = (line: string) => lines.push(JSON.parse(line).msg);
  return startDaemon(
    t,
    {
      model: pack,
      input: inputs[name],
      gate: 'off',
      keywords,
      classifier: broker.url,
      mqttName: name,
      fleetGroup: 'none',
    },
    pino({}, { write }),
  );
}

test('two satellites and two workers detect what each machine detects by itself', { skip }, async (t) => {
  const broker = await Mosquitto.start(t);
  const workers = [await startWorker(t, broker, 'one', models), await startWorker(t, broker, 'two', models)];
  const watcher = await Watcher.start(
    t,
    broker,
    '-T',
    'wakegate-fleet/windows/#',
    '-T',
    'wakegate-fleet/answers/#',
  );
  for (const name of ['one', 'two']) await watcher.message(`wakegate-fleet/workers/${name}`);
  const names = ['kitchen', 'bedroom'] as const;
  const satellites = await Promise.all(names.map((name) => startSatellite(t, broker, name)));
  const heard = await Promise.all(satellites.map(heardBy));
  for (const [i, name] of names.entries()) {
    const alone = await startDaemon(t, { model: pack, input: inputs[name], gate: 'off', keywords });
    const expected = await heardBy(alone);
    assert.ok(expected.length > 0, 'there is something to detect');
    assert.deepEqual(heard[i], expected);
    assert.equal(satellites[i].status().classifier.backend, null, 'no worker of its own was started');
    // How many handoffs there are depends on how soon they are answered; none may be lost.
    const { fleet, classifier } = satellites[i].status();
    assert.deepEqual([fleet!.lost, classifier.answered], [0, fleet!.answered]);
  }
  for (const { counts } of workers) assert.ok(counts.answered > 0, 'both workers had their share');
});

test('rooms of a group answer a word once, and the others are told which one does', { skip }, async (t) => {
  const broker = await Mosquitto.start(t);
  const rooms = await Promise.all(
    ['kitchen', 'hall'].map(async (mqttName) => {
      const settings = { fleetGroup: 'home', mqttUrl: broker.url, mqttName, mqttRoom: `the ${mqttName}` };
      const fleet = await DaemonFleet.open({ ...defaultConfig(), ...settings }, pino({ level: 'silent' }));
      t.after(() => fleet.stop());
      fleet.usePack({ name: 'tiny', fingerprint: 1 });
      fleet.start({ set: () => {} });
      return fleet;
    }),
  );
  while (!rooms.every((room) => room.status().rooms.length === 2)) await pause(20);
  const noise = voice(16_000, 6).map((sample, i) => (i < 80_000 ? sample / 100 : sample));
  rooms[0].hear(noise, 0);
  // The same word there, and ten times the noise.
  rooms[1].hear(
    noise.map((sample, i) => (i < 80_000 ? sample * 10 : sample)),
    0,
  );
  const cost = { handoffs: 1, bytes: 1, cpuMs: 1, energyMj: 0.4, basis: 'none' };
  const word = { streamId: 0, keyword: 'one', score: 0.9, secondLook: null, sample: 96_000, cost };
  const judged = await Promise.all(rooms.map((room) => room.decide(word, 0.9)));
  assert.deepEqual(
    judged.map(({ answers, room, rooms: count }) => [answers, room, count]),
    [
      [true, 'the kitchen', 2],
      [false, 'the kitchen', 2],
    ],
  );
  assert.ok(judged[0].snrDb > judged[1].snrDb + 15);
  assert.deepEqual([rooms[0].status().detections, rooms[1].status().outvoted], [1, 1]);
  assert.equal(rooms[1].status().trace?.answeredBy, 'the kitchen');
});

test('without a worker that has the pack, a satellite says which one is to be installed', {
  skip,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const lines: string[] = [];
  const satellite = await startSatellite(t, broker, 'bedroom', lines);
  await heardBy(satellite);
  assert.match(
    lines.join('\n'),
    /no worker of the fleet has model pack "tiny" \([0-9a-f]{8}\): start one with "wakegate classify", and copy the pack's folder/,
  );
  assert.equal(
    lines.filter((line) => /no worker of the fleet/.test(line)).length,
    1,
    'once an opening of the gate',
  );
  assert.match(satellite.notReady() ?? '', /no worker of the fleet has/);
});

test('with classifier auto it classifies by itself while no worker is there, and asks the fleet again later', {
  skip,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const lines: string[] = [];
  const config = { model: pack, input: '-', gate: 'off', keywords } as const;
  const satellite = await startDaemon(
    t,
    { ...config, classifier: 'auto', mqttUrl: broker.url, mqttName: 'kitchen', mqttDiscovery: 'off' },
    pino({}, { write: (line: string) => lines.push(JSON.parse(line).msg) }),
  );
  const alone = await startDaemon(t, config);
  await hearAcrossFallback(
    satellite,
    alone,
    () =>
      assert.match(
        lines.join('\n'),
        /no worker of the fleet can be reached; this machine classifies by itself meanwhile/i,
      ),
    () => startWorker(t, broker, 'one', models),
  );
  assert.match(lines.join('\n'), /The fleet works again/);
});

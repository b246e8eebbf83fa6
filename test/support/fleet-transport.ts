import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { Complaints, type Incoming, readBrokerSettings } from '../../src/broker/index.js';
import { Arbiter } from '../../src/fleet/arbiter.js';
import { connectorOf } from '../../src/fleet/connector.js';
import type { FleetConnection } from '../../src/fleet/fleet-connection.js';
import { RemoteClassifier } from '../../src/fleet/remote-classifier.js';
import { noRemoteCounts } from '../../src/fleet/remote-counts.js';
import { Satellite } from '../../src/fleet/satellite.js';
import { fingerprintText } from '../../src/fleet/topics.js';
import { HandoffEncoder } from '../../src/gate/handoff.js';
import type { ModelPack } from '../../src/model/index.js';
import { FLEET_TOPICS, startWorker } from './fleet.js';
import { keepAlive } from './keep-alive.js';
import { temporaryFolder } from './temp-folder.js';
import { makeTinyPack } from './tiny-pack.js';

export interface TestBroker {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

/** What a fleet needs of every kind of broker. `startBroker` starts a real one. */
export function testFleetTransport(
  kind: string,
  startBroker: (t: TestContext) => Promise<TestBroker>,
  skip: string | false,
): void {
  const models = join(temporaryFolder(), 'models');
  let pack: ModelPack;
  before(async () => {
    mkdirSync(models);
    pack = await makeTinyPack(join(models, 'tiny'));
  });
  keepAlive();

  const fingerprint = () => fingerprintText(pack.fingerprint);
  const settingsOf = ({ url }: TestBroker) => readBrokerSettings({ mqttUrl: url }, {});

  async function worker(t: TestContext, broker: TestBroker, name: string) {
    const settings = await settingsOf(broker);
    const connect = await connectorOf(settings, FLEET_TOPICS);
    return startWorker(t, broker, name, models, { connect });
  }

  async function satellite(t: TestContext, broker: TestBroker, name: string, group: string | null = null) {
    const settings = await settingsOf(broker);
    const one = new Satellite({
      ...{ broker: settings, connect: await connectorOf(settings, FLEET_TOPICS), topics: FLEET_TOPICS },
      ...{ name, room: `the ${name}`, group },
      complaints: new Complaints(pino({ level: 'silent' })),
      counts: () => ({ ...noRemoteCounts(), own: 0, detections: 0, outvoted: 0 }),
    });
    const counts = noRemoteCounts();
    // A slow machine may take longer than five seconds to start a worker meanwhile.
    const classifier = new RemoteClassifier({ pack, carrier: one, counts, times: { livesMs: 60_000 } });
    one.usePack(pack.name, fingerprint());
    one.start();
    t.after(async () => {
      await classifier.close();
      await one.stop();
    });
    return { satellite: one, classifier, counts };
  }

  /** A plain client. */
  async function client(t: TestContext, broker: TestBroker, filters: string[], receiveMaximum = 64) {
    const settings = await settingsOf(broker);
    const connect = await connectorOf(settings, FLEET_TOPICS);
    const subscriptions = filters.map((filter) => ({ filter, qos: 1 as const }));
    const will = { topic: FLEET_TOPICS.worker(`client-${Math.random()}`), payload: '', qos: 0 as const };
    const connection = connect({
      ...{ settings, clientId: `client-${Math.random()}`, will, subscriptions },
      ...{ receiveMaximum, needsVersion5: true, waits: { firstMs: 20, longestMs: 100 } },
    });
    t.after(() => connection.stop(will));
    connection.start();
    await up(connection);
    return connection;
  }

  function silence(n = 0): Buffer {
    const { compression, handoff } = pack;
    const encoder = new HandoffEncoder(compression, pack.fingerprint, handoff.windowSteps);
    const levels = new Uint8Array(handoff.windowSteps * compression.channels);
    return Buffer.from(encoder.encode({ streamId: 0, step: 20 + n, endSample: 12_800 + n }, levels));
  }

  const windows = () => FLEET_TOPICS.windows(fingerprint(), 'kitchen');
  const shared = () => FLEET_TOPICS.sharedWindows('wakegate', fingerprint());
  const about = (n: number) => ({
    responseTopic: FLEET_TOPICS.answers('kitchen'),
    correlation: Buffer.from([1, 1, 1, 1, n, 0, 0, 0]),
  });

  test(`${kind}: each handoff is answered once, by the one or the other worker, in order`, {
    skip,
  }, async (t) => {
    const broker = await startBroker(t);
    const workers = [await worker(t, broker, 'one'), await worker(t, broker, 'two')];
    const { satellite: one, classifier, counts } = await satellite(t, broker, 'kitchen');
    while (one.workers.size < 2) await pause(10);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => classifier.classify(new Uint8Array(silence(n)))),
    );
    assert.deepEqual(
      answers.map((answer) => answer?.endSample),
      Array.from({ length: 60 }, (_, n) => 12_800 + n),
    );
    assert.deepEqual([counts.answered, counts.lost, one.duplicates], [60, 0, 0]);
    const shares = workers.map((each) => each.counts.answered);
    assert.equal(shares[0] + shares[1], 60);
    assert.ok(shares[0] > 0 && shares[1] > 0, `both had a share: ${shares}`);
  });

  test(`${kind}: what comes twice is answered from memory, and a replay is ignored`, { skip }, async (t) => {
    const broker = await startBroker(t);
    const replayer = await client(t, broker, [FLEET_TOPICS.answers('kitchen'), FLEET_TOPICS.workers]);
    const answers: Incoming[] = [];
    let isWorkerThere = false;
    replayer.on('message', (message) => {
      if (message.topic === FLEET_TOPICS.answers('kitchen')) answers.push(message);
      else isWorkerThere ||= message.topic === FLEET_TOPICS.worker('one');
    });
    const one = await worker(t, broker, 'one');
    while (!isWorkerThere) await pause(5);
    const send = () => replayer.publish({ topic: windows(), payload: silence(), livesMs: 5000, ...about(1) });
    for (let times = 1; times <= 3; times++) {
      send();
      while (answers.length < times) await pause(5);
    }
    for (let times = 0; times < 4; times++) send();
    while (one.counts.duplicates < 6) await pause(5);
    assert.equal(one.counts.answered, 1, 'classified once');
    assert.equal(new Set(answers.map(({ payload }) => payload.toString('hex'))).size, 1);
    assert.equal(answers.length, 3, 'no more answers than a satellite can want');
  });

  test(`${kind}: a handoff that is too old reaches nobody`, { skip }, async (t) => {
    const broker = await startBroker(t);
    const sender = await client(t, broker, []);
    // It goes out when the broker is back, which is too late.
    await broker.kill();
    while (sender.isUp) await pause(5);
    sender.publish({ topic: windows(), payload: silence(1), livesMs: 50, ...about(1) });
    await pause(60);
    sender.publish({ topic: windows(), payload: silence(2), livesMs: 60_000, ...about(2) });
    const isUp = up(sender);
    const reader = async () => {
      const connection = await client(t, broker, [shared()]);
      const seen: number[] = [];
      connection.on('message', (message) => {
        message.acknowledge();
        seen.push(message.correlation![4]);
      });
      return seen;
    };
    await broker.start();
    const [seen] = await Promise.all([reader(), isUp]);
    sender.publish({ topic: windows(), payload: silence(3), livesMs: 5000, ...about(3) });
    while (!seen.includes(3)) await pause(5);
    assert.equal(seen.includes(1), false);
  });

  test(`${kind}: a worker gets no more than it has room for, and the rest when it has`, {
    skip,
  }, async (t) => {
    const broker = await startBroker(t);
    const reader = await client(t, broker, [shared()], 4);
    const held: Incoming[] = [];
    reader.on('message', (message) => held.push(message));
    const sender = await client(t, broker, []);
    let taken = 0;
    const onTaken = () => {
      taken++;
    };
    for (let n = 0; n < 10; n++)
      sender.publish({ topic: windows(), payload: silence(n), livesMs: 5000, ...about(n), onTaken });
    while (taken < 10 || held.length < 4) await pause(5);
    await pause(50);
    assert.equal(held.length, 4);
    const seen = new Set<number>();
    while (seen.size < 10) {
      for (const message of held.splice(0)) {
        seen.add(message.correlation![4]);
        message.acknowledge();
      }
      await pause(5);
    }
  });

  test(`${kind}: what a worker took with it is sent again, and a broker that is back is used again`, {
    skip,
  }, async (t) => {
    const broker = await startBroker(t);
    // It takes windows and never answers, and then it is gone.
    const deaf = await client(t, broker, [shared()]);
    const { satellite: one, classifier, counts } = await satellite(t, broker, 'kitchen');
    const connected = client(t, broker, []);
    while (!one.isUp) await pause(5);
    let isTaken = false;
    deaf.on('message', () => {
      isTaken = true;
    });
    await connected;
    const first = classifier.classify(new Uint8Array(silence(1)));
    while (!isTaken) await pause(5);
    await worker(t, broker, 'one');
    await deaf.stop({ topic: FLEET_TOPICS.worker('deaf'), payload: '', qos: 0 });
    assert.ok(await first);
    await broker.kill();
    while (one.isUp) await pause(5);
    await broker.start();
    while (!one.isUp || !one.holds(fingerprint())) await pause(10);
    assert.ok(await classifier.classify(new Uint8Array(silence(2))));
    assert.equal(counts.lost, 0);
  });

  test(`${kind}: all rooms see claims in one order, and one answers`, { skip }, async (t) => {
    const broker = await startBroker(t);
    const names = ['kitchen', 'hall', 'bedroom'];
    const rooms = await Promise.all(names.map((name) => satellite(t, broker, name, 'home')));
    const orders: string[][] = rooms.map(() => []);
    const arbiters = rooms.map(({ satellite: one }, i) => {
      const arbiter = new Arbiter({
        ...{ satellite: one.name, room: one.room, windowMs: 100 },
        send: (payload) => one.claim(payload),
        isUp: () => one.isUp,
        isAlone: () => one.rooms.size <= 1,
        complaints: { add: (_kind, sentence) => assert.fail(sentence) },
      });
      one.on('claim', (payload) => {
        orders[i].push(payload.toString());
        arbiter.take(payload);
      });
      return arbiter;
    });
    while (!rooms.every(({ satellite: one }) => one.rooms.size === 3)) await pause(10);
    for (const keyword of ['one', 'two', 'three']) {
      const judged = await Promise.all(
        arbiters.map((arbiter, i) => arbiter.decide({ keyword, snrDb: 10 * i, score: 0.9, gate: 0.9 })),
      );
      assert.deepEqual(
        judged.map(({ answers, room }) => [answers, room]),
        names.map((name) => [name === 'bedroom', 'the bedroom']),
      );
    }
    while (orders.some((order) => order.length < orders[0].length)) await pause(5);
    for (const order of orders) assert.deepEqual(order, orders[0]);
  });

  function up(connection: FleetConnection): Promise<void> {
    return new Promise((resolve) => connection.once('up', () => resolve()));
  }
}

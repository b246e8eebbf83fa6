import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { Complaints, readBrokerSettings } from '../../src/broker/index.js';
import { connectorOf } from '../../src/fleet/connector.js';
import type { FleetConnection } from '../../src/fleet/fleet-connection.js';
import { readFleet } from '../../src/fleet/overview.js';
import { RemoteClassifier } from '../../src/fleet/remote-classifier.js';
import { noRemoteCounts } from '../../src/fleet/remote-counts.js';
import type { AclOptions } from '../../src/fleet/rights.js';
import { Satellite } from '../../src/fleet/satellite.js';
import { fingerprintText } from '../../src/fleet/topics.js';
import { HandoffEncoder } from '../../src/gate/handoff.js';
import type { ModelPack } from '../../src/model/index.js';
import { FLEET_TOPICS, startWorker } from './fleet.js';
import { keepAlive } from './keep-alive.js';
import { temporaryFolder } from './temp-folder.js';
import { makeTinyPack } from './tiny-pack.js';

export interface HostileBroker {
  /** Starts one that lets everyone in. */
  start(t: TestContext): Promise<{ readonly url: string }>;
  /** Starts one with the rules of `wakegate fleet acl`, and a user for each name, whose password is its name. */
  startWithRules(t: TestContext, rules: AclOptions): Promise<{ readonly url: string }>;
  readonly skip: string | false;
  readonly skipRules: string | false;
}

/** What every kind of broker must keep a fleet safe from. */
export function testHostile(kind: string, { start, startWithRules, skip, skipRules }: HostileBroker): void {
  const folder = temporaryFolder();
  const models = join(folder, 'models');
  let pack: ModelPack;

  before(async () => {
    mkdirSync(models);
    pack = await makeTinyPack(join(models, 'tiny'));
  });

  keepAlive();

  function logged(): { lines: string[]; logger: Logger } {
    const lines: string[] = [];
    return {
      lines,
      logger: pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line).msg) }),
    };
  }

  async function startSatellite(
    t: TestContext,
    mqttUrl: string,
    name: string,
    user?: string,
    lines: string[] = [],
  ) {
    const broker = await readBrokerSettings(
      { mqttUrl, ...(user && { mqttUser: user }) },
      user ? { WAKEGATE_MQTT_PASSWORD: user } : {},
    );
    const complaints = new Complaints({ warn: (line: string) => lines.push(line) } as unknown as Logger);
    const satellite = new Satellite({
      connect: await connectorOf(broker, FLEET_TOPICS),
      ...{ broker, topics: FLEET_TOPICS, name, room: name, group: 'home' },
      complaints,
      counts: () => ({ ...noRemoteCounts(), own: 0, detections: 0, outvoted: 0 }),
    });
    const classifier = new RemoteClassifier({
      ...{ pack, carrier: satellite, counts: noRemoteCounts() },
      times: { againMs: 200, livesMs: 1500 },
    });
    satellite.usePack(pack.name, fingerprintText(pack.fingerprint));
    satellite.start();
    t.after(async () => {
      await classifier.close();
      await satellite.stop();
    });
    return { satellite, classifier };
  }

  /** How a worker connects. */
  async function by(mqttUrl: string) {
    const settings = await readBrokerSettings({ mqttUrl }, {});
    return { connect: await connectorOf(settings, FLEET_TOPICS) };
  }

  function silence(fingerprint = pack.fingerprint): Uint8Array {
    const { compression, handoff } = pack;
    const encoder = new HandoffEncoder(compression, fingerprint, handoff.windowSteps);
    const levels = new Uint8Array(handoff.windowSteps * compression.channels);
    return encoder.encode({ streamId: 0, step: 20, endSample: 12_800 }, levels);
  }

  /** A client that means no good. */
  async function intruder(t: TestContext, mqttUrl: string): Promise<FleetConnection> {
    const will = { topic: 'nothing', payload: '', qos: 0 as const };
    const settings = await readBrokerSettings({ mqttUrl }, {});
    const connect = await connectorOf(settings, FLEET_TOPICS);
    const connection = connect({ settings, clientId: 'intruder', will, subscriptions: ['home/#'] });
    t.after(() => connection.stop(will));
    connection.start();
    await new Promise<void>((resolve) => connection.once('up', resolve));
    return connection;
  }

  test(`${kind}: garbage, foreign topics, replays and wrong packs get a line in the log, and satellites their answers`, {
    skip,
    timeout: 60_000,
  }, async (t) => {
    const broker = await start(t);
    const { lines, logger } = logged();
    const worker = await startWorker(t, broker, 'one', models, await by(broker.url), logger);
    const ours: string[] = [];
    const { satellite, classifier } = await startSatellite(t, broker.url, 'kitchen', undefined, ours);
    const fingerprint = fingerprintText(pack.fingerprint);
    while (!satellite.holds(fingerprint)) await pause(10);
    const stolen: string[] = [];
    const bad = await intruder(t, broker.url);
    bad.on('message', ({ topic }) => stolen.push(topic));
    const topic = FLEET_TOPICS.windows(fingerprint, 'kitchen');
    const responseTopic = FLEET_TOPICS.answers('kitchen');
    const correlation = (n: number) => Buffer.from([1, 1, 1, 1, n, 0, 0, 0]);
    const say = (payload: string | Buffer, of: object = {}) =>
      bad.publish({ topic, payload, responseTopic, correlation: correlation(1), livesMs: 5000, ...of });
    say('garbage');
    say('garbage', { correlation: correlation(2), responseTopic: 'home/door/unlock' });
    say('garbage', { correlation: Buffer.from('much too long') });
    const hall = {
      topic: FLEET_TOPICS.windows(fingerprint, 'hall'),
      responseTopic: FLEET_TOPICS.answers('hall'),
    };
    say(Buffer.from(silence(1)), { ...hall, correlation: correlation(3) });
    for (let i = 0; i < 10; i++) say(Buffer.from(silence()), { correlation: correlation(4) });
    bad.publish({ topic: FLEET_TOPICS.worker('ghost'), payload: '{"worker":"ghost"}', livesMs: 5000 });
    bad.publish({ topic: FLEET_TOPICS.satellite('home', 'ghost'), payload: 'garbage', livesMs: 5000 });
    bad.publish({ topic: FLEET_TOPICS.claims('home'), payload: '\u0000', livesMs: 5000 });
    bad.publish({ topic: responseTopic, payload: 'garbage', correlation: correlation(5), livesMs: 5000 });
    const expected = [
      /A handoff of kitchen was refused: .*(cut short|is no handoff)/,
      /it wants its answer on home\/door\/unlock, and wakegate-fleet\/answers\/kitchen is the only one/,
      /A handoff of hall was refused: .*it is of model pack 00000001/,
      /A handoff of kitchen came \d+ times and was ignored: does somebody replay it\?/,
      /satellites\/home\/ghost was ignored: it does not describe a satellite/,
    ];
    const expectedHere = [
      /workers\/ghost was ignored: it does not describe what its topic says/,
      /An answer on wakegate-fleet\/answers\/kitchen was ignored: it is to an earlier run/,
    ];
    while (!expected.every((line) => lines.some((said) => line.test(said)))) await pause(20);
    while (!expectedHere.every((line) => ours.some((said) => line.test(said)))) await pause(20);
    for (const line of [...expected, ...expectedHere])
      assert.ok([...lines, ...ours].filter((said) => line.test(said)).length <= 2, `said once: ${line}`);
    const answer = await classifier.classify(silence());
    assert.equal(answer?.posteriors.length, pack.back.positions * 3);
    assert.deepEqual(stolen, [], 'no answer went where the intruder wanted it');
    assert.equal(worker.counts.answered >= 2, true);
  });

  test(`${kind}: a pack that is not here is named once, and answered for when it has been copied here`, {
    skip,
    timeout: 60_000,
  }, async (t) => {
    const broker = await start(t);
    const { lines, logger } = logged();
    const later = join(folder, 'later');
    mkdirSync(later);
    const worker = await startWorker(
      t,
      broker,
      'one',
      later,
      { ...(await by(broker.url)), lookMs: 50 },
      logger,
    );
    const { satellite, classifier } = await startSatellite(t, broker.url, 'kitchen');
    const fingerprint = fingerprintText(pack.fingerprint);
    const sentence = `Satellite kitchen has model pack "tiny" (${fingerprint}), which is not here: copy its folder from there into ${later}`;
    while (!lines.some((line) => line.startsWith(sentence))) await pause(20);
    cpSync(pack.directory, join(later, 'tiny'), { recursive: true });
    while (!satellite.holds(fingerprint)) await pause(20);
    assert.ok(await classifier.classify(silence()), 'nothing was started again');
    assert.equal(worker.counts.answered, 1);
    assert.equal(lines.filter((line) => line.startsWith(sentence)).length, 1);
  });

  test(`${kind}: with the rules of wakegate fleet acl each does what it has to, and nobody speaks for another`, {
    skip: skip || skipRules,
    timeout: 60_000,
  }, async (t) => {
    const rules = { satellites: ['kitchen', 'hall'], workers: ['one'], viewers: ['me'], group: 'home' };
    const broker = await startWithRules(t, rules);
    const as = (user: string) =>
      readBrokerSettings({ mqttUrl: broker.url, mqttUser: user }, { WAKEGATE_MQTT_PASSWORD: user });
    const { lines, logger } = logged();
    await startWorker(
      t,
      broker,
      'one',
      models,
      { ...(await by(broker.url)), broker: await as('one') },
      logger,
    );
    const { satellite, classifier } = await startSatellite(t, broker.url, 'kitchen', 'kitchen', lines);
    while (!satellite.holds(fingerprintText(pack.fingerprint))) await pause(10);
    assert.ok(await classifier.classify(silence()));
    const claimed = new Promise((resolve) => satellite.once('claim', resolve));
    satellite.claim('{}');
    await claimed;
    const fleet = await readFleet(await as('me'), FLEET_TOPICS);
    assert.deepEqual(
      fleet.workers.map(({ worker }) => worker),
      ['one'],
    );
    assert.deepEqual(
      fleet.satellites.map(({ room }) => room),
      ['kitchen'],
    );
    assert.deepEqual(lines, [], 'nothing was refused');
    // The hall's user, who says that it is the kitchen.
    const thief = await startSatellite(t, broker.url, 'kitchen-2', 'hall', lines);
    await assert.rejects(thief.classifier.classify(silence()), { code: 'WG_BROKER_UNREACHABLE' });
  });
}

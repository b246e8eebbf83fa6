import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { readBrokerSettings } from '../../src/broker/index.js';
import { connectorOf } from '../../src/fleet/connector.js';
import { natsAclOf } from '../../src/fleet/nats/nats-acl.js';
import { loadNats } from '../../src/fleet/nats/nats-client.js';
import { readFleet } from '../../src/fleet/overview.js';
import type { AclOptions } from '../../src/fleet/rights.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { FLEET_TOPICS, startWorker } from '../support/fleet.js';
import { testHostile } from '../support/fleet-hostile.js';
import { NatsServer, noNats } from '../support/nats-server.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();

/** As the guide of the fleet says: each name is its own password. */
function startWithRules(t: TestContext, rules: AclOptions, lines: readonly string[] = []) {
  const names = [...rules.satellites, ...rules.workers, ...rules.viewers];
  return NatsServer.start(t, [...lines, 'include wakegate-acl.conf'], {
    'wakegate-acl.conf': natsAclOf(rules, { fleetPrefix: 'wakegate-fleet' }),
    'wakegate-passwords.conf': names.map((name) => `PASSWORD_${name}: "${name}"\n`).join(''),
  });
}

testHostile('NATS', {
  start: (t) => NatsServer.start(t),
  startWithRules: (t, rules) => startWithRules(t, rules),
  skip: noNats,
  skipRules: false,
});

const models = join(folder, 'models');

let made: Promise<unknown> | null = null;
/** The packs that a worker takes. */
const makeModels = () => {
  if (made === null) {
    mkdirSync(models);
    made = makeTinyPack(join(models, 'tiny'));
  }
  return made;
};

const as = (url: string, user: string) =>
  readBrokerSettings({ mqttUrl: url, mqttUser: user }, { WAKEGATE_MQTT_PASSWORD: user });

/** A client of NATS by itself. */
async function plain(t: TestContext, server: NatsServer, options: object = {}) {
  const { nats, jetstream } = await loadNats();
  const link = await nats.connect({ servers: `127.0.0.1:${server.port}`, reconnect: false, ...options });
  t.after(() => link.close());
  return { nats, link, jetstream: jetstream.jetstream(link, { timeout: 5000 }) };
}

test('NATS: with the rules nothing is refused that a fleet needs, and nobody reads what another is sent', {
  skip: noNats,
}, async (t) => {
  await makeModels();
  const log = join(folder, 'nats.log');
  const rules = { satellites: ['kitchen', 'hall'], workers: ['one'], viewers: ['me'], group: 'home' };
  const server = await startWithRules(t, rules, [`log_file: "${log}"`]);
  const refused = () => readFileSync(log, 'utf8').match(/Violation - .*/g) ?? [];
  const broker = await as(server.url, 'one');
  const connect = await connectorOf(broker, FLEET_TOPICS);
  await startWorker(t, server, 'one', models, { connect, broker, wantsCounts: true, countsMs: 20 });
  const config = {
    model: join(models, 'tiny'),
    input: wavFile(folder, 'voice.wav', voice(16_000, 1)),
  } as const;
  const mqttPasswordFile = join(folder, 'kitchen.pw');
  writeFileSync(mqttPasswordFile, 'kitchen\n');
  const fleet = {
    classifier: server.url,
    mqttName: 'kitchen',
    mqttUser: 'kitchen',
    mqttPasswordFile,
    gate: 'off',
  } as const;
  const satellite = await startDaemon(t, { ...config, ...fleet });
  while ((satellite.status().fleet?.answered ?? 0) === 0) await pause(10);
  const overview = await readFleet(await as(server.url, 'me'), FLEET_TOPICS);
  assert.deepEqual([overview.workers.length, overview.satellites.length], [1, 1]);
  assert.deepEqual(refused(), []);

  const { link, jetstream } = await plain(t, server, {
    user: 'hall',
    pass: 'hall',
    inboxPrefix: '_INBOX_hall',
  });
  const stolen: string[] = [];
  const secrets = ['windows.>', 'answers.kitchen', 'keywords.>'].map((end) => `wakegate-fleet.${end}`);
  for (const subject of [...secrets, '_INBOX_kitchen.>', '_INBOX_one.>', '$JS.ACK.>', '>'])
    link.subscribe(subject, { callback: (error, message) => !error && stolen.push(message.subject) });
  for (const [stream, filter] of [
    ['windows', 'windows.>'],
    ['state', 'keywords.>'],
  ]) {
    const name = `wakegate-fleet-${stream}`;
    const options = { filter_subjects: `wakegate-fleet.${filter}` };
    await assert.rejects(
      jetstream.consumers.get(name, options).then((one) => one.fetch({ max_messages: 1, expires: 1000 })),
    );
    await assert.rejects(link.request(`$JS.API.STREAM.PURGE.${name}`, '', { timeout: 2000 }));
    await assert.rejects(link.request(`$JS.API.STREAM.MSG.GET.${name}`, '{"seq":1}', { timeout: 2000 }));
    await assert.rejects(link.request(`$JS.API.STREAM.DELETE.${name}`, '', { timeout: 2000 }));
  }
  const before = satellite.status().fleet!.answered;
  assert.ok(before > 0);
  assert.deepEqual(stolen, []);
  assert.ok(refused().length >= 13, refused().join('\n'));
});

test('NATS: what no wakegate has sent changes nothing', { skip: noNats, timeout: 60_000 }, async (t) => {
  await makeModels();
  const server = await NatsServer.start(t);
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line).msg) });
  const broker = await readBrokerSettings({ mqttUrl: server.url }, {});
  const connect = await connectorOf(broker, FLEET_TOPICS);
  const worker = await startWorker(t, server, 'one', models, { connect, wantsCounts: true }, logger);
  const model = join(models, 'tiny');
  const input = wavFile(folder, 'said.wav', voice(16_000, 1));
  const satellite = await startDaemon(t, {
    model,
    input: wavFile(folder, 'quiet.wav', new Int16Array(16_000)),
    classifier: server.url,
    mqttName: 'kitchen',
  });
  while (satellite.status().fleet?.workers.length !== 1) await pause(10);
  const { packs } = (await readFleet(broker, FLEET_TOPICS)).workers[0];
  const { nats, link } = await plain(t, server);
  const payloads = [
    '',
    'garbage',
    '{}',
    '[]',
    'null',
    Buffer.alloc(100_000, 0xff),
    Buffer.from([0, 255, 128]),
  ];
  const headers = (values: Record<string, string>) => {
    const made = nats.headers();
    for (const [name, value] of Object.entries(values)) made.set(name, value);
    return made;
  };
  const odd = [
    headers({}),
    headers({
      'Wakegate-Response': 'home.door.unlock',
      'Wakegate-Correlation': '%%%',
      'Wakegate-Lease': '-1',
    }),
    headers({
      'Wakegate-Response': 'wakegate-fleet/answers/kitchen',
      'Wakegate-Correlation': 'AQEBAQEAAAA=',
      'Wakegate-Lease': '1e99',
    }),
    headers({
      'Wakegate-Response': 'x'.repeat(5000),
      'Wakegate-Correlation': 'A'.repeat(5000),
      'Wakegate-Lease': 'NaN',
    }),
  ];
  const places = [
    `windows.${packs[0].fingerprint}.kitchen`,
    `windows.${packs[0].fingerprint}.kitchen.ffffffff`,
    `windows.${packs[0].fingerprint}.ghost`,
    'windows.zzz',
    'answers.kitchen',
    'claims.home',
    'workers.ghost',
    'workers.a.b.c',
    'satellites.home.ghost',
    'keywords.kitchen',
    'counts.workers.ghost',
    'counts.satellites.ghost',
    'counts.x',
    'status',
  ];
  for (const place of places)
    for (const payload of payloads)
      for (const some of odd) link.publish(`wakegate-fleet.${place}`, payload, { headers: some });
  link.publish('wakegate-fleet', 'garbage');
  link.publish('wakegate-fleet.unheard.of', 'garbage');
  await link.flush();
  const wanted = [
    /^A handoff of kitchen was refused: /,
    /windows\/[0-9a-f]{8}\/ghost was ignored: it wants its answer on no topic/,
    /workers\/ghost was ignored: it does not describe a worker/,
    /satellites\/home\/ghost was ignored: it does not describe a satellite/,
    /counts\/workers\/ghost was ignored: it does not describe the counts of a worker/,
  ];
  while (!wanted.every((line) => lines.some((said) => line.test(said)))) await pause(10);
  // A word that is said after all of that is heard as on one machine.
  const said = { model, input, gate: 'off', keywords: { one: { threshold: 0.01 } } } as const;
  const hall = await startDaemon(t, { ...said, classifier: server.url, mqttName: 'hall' });
  const own = await startDaemon(t, said);
  for (const daemon of [hall, own])
    while (daemon.status().input.state !== 'ended') await once(daemon.events, 'event');
  const heard = ({ events }: typeof own) =>
    events
      .since(0)
      .flatMap((event) => (event.type === 'detection' ? [[event.keyword, event.score, event.sample]] : []));
  assert.ok(heard(own).length > 0);
  assert.deepEqual(heard(hall), heard(own));
  assert.ok(worker.counts.answered > 0);
  assert.deepEqual(satellite.status().fleet?.workers, ['one']);
  for (const line of new Set(lines))
    assert.ok(lines.filter((said) => said === line).length <= 2, `said once: ${line}`);
});

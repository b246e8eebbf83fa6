import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import {
  BrokerConnection,
  type BrokerConnectionOptions,
  readBrokerSettings,
} from '../../src/broker/index.js';
import { keepAlive } from '../support/keep-alive.js';
import { Mosquitto, noMosquitto } from '../support/mosquitto.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const file = (name: string) => join(folder, name);
const skip = noMosquitto || (spawnSync('openssl', ['version']).error ? 'there is no openssl here' : false);

keepAlive();

type Settings = Parameters<typeof readBrokerSettings>[0];

async function connect(
  t: TestContext,
  config: Settings,
  { password, ...more }: { password?: string } & Pick<BrokerConnectionOptions, 'patience' | 'waits'> = {},
): Promise<BrokerConnection> {
  const settings = await readBrokerSettings(config, password ? { WAKEGATE_MQTT_PASSWORD: password } : {});
  const connection = new BrokerConnection({
    settings,
    clientId: 'test',
    will: { topic: 'test/will', payload: 'gone', retain: true },
    subscriptions: ['test/in', 'secret/#'],
    waits: { firstMs: 10, longestMs: 50 },
    ...more,
  });
  t.after(() => connection.stop({ topic: 'test/will', payload: 'offline' }));
  return connection;
}

/** Starts it, and resolves with what has become of it: `up`, or why not. */
async function outcome(connection: BrokerConnection): Promise<string> {
  const ended = Promise.race([
    once(connection, 'up').then(() => 'up'),
    once(connection, 'down').then(([problem]) => problem as string),
  ]);
  connection.start();
  return ended;
}

/** A CA, and certificates for a broker and a client that it has signed. */
function makeCertificates(): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const days = ['-days', '2', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  for (const ca of ['ca', 'other']) {
    openssl('req', '-x509', ...days, '-subj', `/CN=${ca}`, '-keyout', `${ca}.key`, '-out', `${ca}.pem`);
  }
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
  for (const name of ['broker', 'client']) {
    openssl('req', ...days.slice(2), '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...sign, '-out', `${name}.pem`);
  }
}

test('over TLS, the broker is known by its CA and we by our certificate', { skip }, async (t) => {
  makeCertificates();
  const broker = await Mosquitto.start(t, [
    'allow_anonymous true',
    `cafile ${file('ca.pem')}`,
    `certfile ${file('broker.pem')}`,
    `keyfile ${file('broker.key')}`,
    'require_certificate true',
  ]);
  const mqttUrl = `mqtts://127.0.0.1:${broker.port}`;
  const ours = { mqttCertificate: file('client.pem'), mqttKey: file('client.key') };
  assert.equal(await outcome(await connect(t, { mqttUrl, mqttCa: file('ca.pem'), ...ours })), 'up');
  assert.match(
    await outcome(await connect(t, { mqttUrl, mqttCa: file('other.pem'), ...ours })),
    /has a certificate that is signed by nobody known: give its CA as mqttCa/,
  );
  assert.match(await outcome(await connect(t, { mqttUrl, ...ours })), /signed by nobody known/);
  assert.match(
    await outcome(await connect(t, { mqttUrl, mqttCa: file('ca.pem') })),
    /refuses the client certificate, or wants one|closed the connection/,
  );
  assert.match(
    await outcome(await connect(t, { mqttUrl: broker.url })),
    /closed the connection|sends what is not MQTT/,
  );
});

test('a wrong password is named, and what access rules refuse too', { skip }, async (t) => {
  writeFileSync(file('passwords'), '');
  execFileSync('mosquitto_passwd', ['-b', file('passwords'), 'kitchen', 'right']);
  writeFileSync(file('rules'), 'user kitchen\ntopic readwrite test/#\n');
  const broker = await Mosquitto.start(t, [
    'allow_anonymous false',
    `password_file ${file('passwords')}`,
    `acl_file ${file('rules')}`,
  ]);
  writeFileSync(file('password'), 'wrong\n');
  const settings = { mqttUrl: broker.url, mqttUser: 'kitchen', mqttPasswordFile: file('password') };
  assert.match(
    await outcome(await connect(t, settings)),
    /(refuses this user or password|does not let this user in): look at mqttUser/,
  );
  assert.match(await outcome(await connect(t, { mqttUrl: broker.url })), /look at mqttUser/);

  const connection = await connect(t, settings, { password: 'right' });
  const refused = new Map<string, string>();
  connection.on('refused', (topic, reason) => refused.set(topic, reason));
  assert.equal(await outcome(connection), 'up');
  connection.publish({ topic: 'elsewhere', payload: 'x' });
  while (!refused.has('elsewhere')) await once(connection, 'refused');
  assert.equal(refused.get('elsewhere'), 'its access rules do not allow it');
  assert.ok(!refused.has('test/in'));
});

test('two of the same name, who take the connection from each other, say what it may be', {
  skip: noMosquitto,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const first = await connect(t, { mqttUrl: broker.url });
  assert.equal(await outcome(first), 'up');
  const problems: string[] = [];
  first.on('down', (problem: string) => problems.push(problem));
  assert.equal(await outcome(await connect(t, { mqttUrl: broker.url })), 'up');
  while (problems.length < 3) await once(first, 'down');
  assert.match(problems[2], /\(3 times in ten minutes: does another wakegate have the same mqttName\?\)/);
});

test('messages come and go, and too long ones do not come', { skip: noMosquitto }, async (t) => {
  const broker = await Mosquitto.start(t);
  const connection = await connect(t, { mqttUrl: broker.url });
  assert.equal(await outcome(connection), 'up');
  const messages: string[] = [];
  connection.on('message', ({ payload }) => messages.push(`${payload.length}`));
  await broker.publish('test/in', Buffer.alloc(100_000));
  await broker.publish('test/in', Buffer.alloc(7));
  while (messages.length === 0) await once(connection, 'message');
  assert.deepEqual(messages, ['7']);
});

/** A server that is no MQTT 5 broker. */
async function serve(t: TestContext, answer: (socket: Socket, bytes: Buffer) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => answer(socket, bytes));
  }).listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server, 'listening');
  return `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`;
}

test('a broker that knows MQTT 3.1.1 only is spoken to in that', async (t) => {
  // CONNECT has the version after the name "MQTT"; CONNACK with 1 refuses it, SUBACK grants two subscriptions.
  const url = await serve(t, (socket, bytes) => {
    if (bytes[0] === 0x10 && bytes[8] !== 4) socket.end(Buffer.from([0x20, 2, 0, 1]));
    else if (bytes[0] === 0x10) socket.write(Buffer.from([0x20, 2, 0, 0]));
    else if (bytes[0] === 0x82) socket.write(Buffer.from([0x90, 4, bytes[2], bytes[3], 0, 0]));
  });
  const connection = await connect(t, { mqttUrl: url });
  const up = once(connection, 'up');
  assert.match(await outcome(connection), /does not know this version of MQTT|not MQTT/);
  await up;
});

test('the broker is looked for at once when something waits for it', { skip: noMosquitto }, async (t) => {
  const broker = await Mosquitto.start(t);
  const connection = await connect(t, { mqttUrl: broker.url }, { waits: [10, 3_600_000] });
  let downs = 0;
  connection.on('down', () => downs++);
  const word = { topic: 'test/word', payload: 'computer', livesMs: 600_000 };
  assert.equal(await outcome(connection), 'up');
  await broker.kill();
  while (downs < 2) await once(connection, 'down');
  await broker.start();
  connection.publish(word);
  await once(connection, 'up');
  await broker.kill();
  while (downs < 4) await once(connection, 'down');
  connection.publish(word);
  await pause(100);
  assert.equal(downs, 4, 'not for every word');
});

test('what is no broker is named as such, and never spoken to without a pause', async (t) => {
  let connections = 0;
  const url = await serve(t, (socket) => {
    connections++;
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const connection = await connect(t, { mqttUrl: url });
  assert.match(await outcome(connection), /sends what is not MQTT/);
  for (let i = 0; i < 3; i++) await once(connection, 'down');
  assert.ok(connections <= 4, `${connections}`);
});

test('whatever a server sends ends at most that connection', async (t) => {
  let state = 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  // A CONNACK of MQTT 5, a SUBACK that grants both, and messages: each spoilt somewhere.
  const good = Buffer.from([
    ...[0x20, 3, 0, 0, 0],
    ...[0x90, 6, 0, 1, 0, 0, 0, 0],
    ...[0x30, 10, 0, 7, ...Buffer.from('test/in'), 0],
    ...[0x40, 2, 0, 9],
    ...[0xe0, 1, 0],
  ]);
  let answers = 0;
  const url = await serve(t, (socket) => {
    answers++;
    const bytes = Buffer.from(good);
    for (let i = random(4); i >= 0; i--) bytes[random(bytes.length)] = random(256);
    const garbage = Buffer.from(Array.from({ length: random(100) }, () => random(256)));
    socket.end(answers % 3 === 0 ? garbage : bytes.subarray(0, random(bytes.length + 1)));
  });
  const connection = await connect(t, { mqttUrl: url });
  const faults = new Set<string>();
  connection.on('down', (problem: string) => faults.add(problem.replace(/.*:\d+ /, '')));
  connection.start();
  while (answers < 60) await once(connection, 'down');
  assert.ok(faults.size > 3, [...faults].join('; '));
  await connection.stop({ topic: 'test/will', payload: 'offline' });
});

test('a broker that is late is a problem, and let in by the same attempt when it answers at last', async (t) => {
  let attempts = 0;
  let answerAtLast = () => {};
  const url = await serve(t, (socket, bytes) => {
    if (bytes[0] === 0x82) socket.write(Buffer.from([0x90, 5, bytes[2], bytes[3], 0, 0, 0]));
    if (bytes[0] !== 0x10) return;
    attempts++;
    answerAtLast = () => socket.write(Buffer.from([0x20, 3, 0, 0, 0]));
  });
  const connection = await connect(t, { mqttUrl: url }, { patience: { lateMs: 20, mostMs: 600_000 } });
  assert.match(await outcome(connection), /does not answer$/);
  while (attempts === 0) await turn();
  answerAtLast();
  await once(connection, 'up');
  assert.equal(attempts, 1);
});

test('a broker that never answers is given up, and tried again', async (t) => {
  let attempts = 0;
  const url = await serve(t, () => {
    attempts++;
  });
  const connection = await connect(t, { mqttUrl: url }, { patience: { lateMs: 10, mostMs: 20 } });
  connection.start();
  while (attempts < 3) await turn();
});

test('a broker that has fallen silent is left', async (t) => {
  // It lets us in, with a keep-alive of one second (property 0x13), and never says a word again.
  const url = await serve(t, (socket, bytes) => {
    if (bytes[0] === 0x10) socket.write(Buffer.from([0x20, 6, 0, 0, 3, 0x13, 0, 1]));
    if (bytes[0] === 0x82) socket.write(Buffer.from([0x90, 5, bytes[2], bytes[3], 0, 0, 0]));
  });
  const connection = await connect(t, { mqttUrl: url });
  assert.equal(await outcome(connection), 'up');
  const [problem] = await once(connection, 'down');
  assert.match(problem, /does not answer any more/);
});

test('settings that do not go together, and files that hold something else, are refused with what to do', async () => {
  const mqttUrl = 'mqtts://broker.example';
  writeFileSync(file('nothing.pem'), 'nothing');
  writeFileSync(file('two-lines'), 'one\ntwo\n');
  const cases: [Settings, RegExp][] = [
    [{ mqttUrl: 'mqtt://broker.example', mqttCa: file('nothing.pem') }, /mqttCa is for connections with TLS/],
    [{ mqttUrl, mqttCa: file('nothing.pem') }, /mqttCa .*nothing.pem holds nothing of the kind/],
    [{ mqttUrl, mqttCa: file('missing.pem') }, /mqttCa .*cannot be read: there is no such file/],
    [{ mqttUrl, mqttKey: file('nothing.pem') }, /mqttCertificate and mqttKey go together/],
    [
      { mqttUrl, mqttPasswordFile: file('two-lines'), mqttUser: 'me' },
      /must hold the password as its one line/,
    ],
    [{ mqttUrl: 'mqtt://a:b:c' }, /is not a valid address/],
  ];
  for (const [config, message] of cases) {
    await assert.rejects(readBrokerSettings(config, {}), { code: 'WG_CONFIG_INVALID', message });
  }
  const lonely = readBrokerSettings({ mqttUrl }, { WAKEGATE_MQTT_PASSWORD: 'x' });
  await assert.rejects(lonely, { code: 'WG_CONFIG_INVALID', message: /give mqttUser too/ });
});

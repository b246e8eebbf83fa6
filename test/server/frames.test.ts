import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { pino } from 'pino';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const idle = wavFile(folder, 'idle.wav', new Int16Array(16_000 * 60));
/** Connections; scripts/fuzz-service.sh wants more. */
const RUNS = Number(process.env.WAKEGATE_FUZZ_RUNS ?? 120);
const MOST_FRAMES = 12;

before(async () => {
  await makeTinyPack(pack);
});

const PATHS = [
  '/v1/listen',
  '/v1/listen?rate=48000&channels=2',
  '/v1/listen?rate=8000',
  '/v1/events',
  '/v1/events?types=level,detection&since=3',
];

/** What RFC 6455 allows, and what it does not. */
const frame = fc.record({
  fin: fc.boolean(),
  reserved: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 7 })),
  opcode: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(0, 1, 2, 8, 9, 10) },
    fc.integer({ min: 0, max: 15 }),
  ),
  masked: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ minLength: 4000, maxLength: 9000 }),
    fc
      .constantFrom('{"type":"finish"}', '{"type":', '[]', 'null', '{"type":{"toString":1}}', '\u0000', '')
      .map((text) => new Uint8Array(Buffer.from(text))),
  ),
  /** More than there is, in the header: null for the truth. */
  claims: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
});

type Frame = typeof frame extends fc.Arbitrary<infer Value> ? Value : never;

function encode({ fin, reserved, opcode, masked, payload, claims }: Frame): Buffer {
  const length = claims ?? BigInt(payload.length);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  const header =
    length < 126n
      ? Buffer.from([first, mask | Number(length)])
      : length < 65_536n
        ? Buffer.from([first, mask | 126, 0, 0])
        : Buffer.from([first, mask | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  if (header.length === 4) header.writeUInt16BE(Number(length), 2);
  if (header.length === 10) header.writeBigUInt64BE(length, 2);
  // A mask of zeros changes nothing.
  return Buffer.concat([header, Buffer.alloc(masked ? 4 : 0), payload]);
}

/** Opens a WebSocket by hand, sends the bytes in two pieces, and waits until both ends are closed. */
async function send(daemonUrl: string, path: string, bytes: Buffer, cut: number): Promise<void> {
  const { hostname, port, host } = new URL(daemonUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {}); // the other side may close it at any moment
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString('latin1'), /^HTTP\/1\.1 101 /);
  const closed = once(socket, 'close');
  socket.resume();
  const at = Math.floor(bytes.length * cut);
  socket.write(bytes.subarray(0, at));
  socket.end(bytes.subarray(at));
  await closed;
}

test('no frames, sound or not, bring the server down, or leave anything behind', async (t) => {
  const logged: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line) => logged.push(line) });
  const daemon = await startDaemon(t, { model: pack, input: idle }, logger);
  await fetch(`${daemon.url}/v1/status`); // with which all routes are loaded
  const listeners = daemon.events.listenerCount('event');

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PATHS),
      fc.array(frame, { maxLength: MOST_FRAMES }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (path, frames, cut) => send(daemon.url!, path, Buffer.concat(frames.map(encode)), cut),
    ),
    { numRuns: RUNS, seed: 6455 },
  );

  assert.deepEqual(logged, []);
  assert.equal(daemon.events.listenerCount('event'), listeners);
  const isHeld = async () =>
    !/^wakegate_streams 0\nwakegate_subscribers 0$/m.test(
      [
        ...(await (await fetch(`${daemon.url}/metrics`)).text()).matchAll(
          /^wakegate_(streams|subscribers) .*$/gm,
        ),
      ]
        .map(([line]) => line)
        .sort()
        .join('\n'),
    );
  while (await isHeld()); // closing takes a moment
  assert.equal((await fetch(`${daemon.url}/healthz`)).status, 200);
});

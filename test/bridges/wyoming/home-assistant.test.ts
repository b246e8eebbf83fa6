import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { bundledWords, inQuiet } from '../../../bench/daemon/words.js';
import type { TappedFrame } from '../../../bench/home/wyoming-tap.js';
import { WyomingBridge } from '../../../src/bridges/wyoming/index.js';
import { startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { WyomingClient } from '../../support/wyoming-client.js';

const folder = temporaryFolder();
/** Written down by `npm run bench:home -- --transcript`. */
const TRANSCRIPT = new URL(
  '../../../../test/bridges/fixtures/home-assistant-2024.3.3-wyoming.jsonl',
  import.meta.url,
);

/** Plays again what Home Assistant sent in one of its connections, byte for byte. */
function playAgain({ socket }: WyomingClient, frames: readonly TappedFrame[], samples: Int16Array): void {
  let at = samples.byteOffset;
  for (const { line, data = '', payloadBytes = 0 } of frames) {
    socket.write(`${line}\n${data}`);
    if (payloadBytes > 0) socket.write(new Uint8Array(samples.buffer, at, payloadBytes));
    at += payloadBytes;
  }
}

/** But for what changes with each release. */
const withoutVersions = (data: unknown) =>
  JSON.parse(JSON.stringify(data, (key, value) => (key === 'version' ? undefined : value)));

test('Home Assistant 2024.3.3 is answered as when its conversation was written down', async (t) => {
  const frames = readFileSync(fileURLToPath(TRANSCRIPT), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TappedFrame);
  const daemon = await startDaemon(t, { input: wavFile(folder, 'idle.wav', new Int16Array(16_000 * 60)) });
  const bridge = new WyomingBridge({
    service: daemon,
    logger: pino({ level: 'silent' }),
    onProblem: () => {},
    server: { host: '127.0.0.1', port: 0, files: 1024 },
    zeroconf: false,
    peers: [],
  });
  t.after(() => bridge.stop());
  await bridge.start();
  const [word] = await bundledWords();
  const samples = inQuiet(word, 1, 2);

  const connections = new Set(frames.map(({ connection }) => connection));
  assert.ok(connections.size > 1);
  for (const connection of connections) {
    const of = (side: TappedFrame['from']) =>
      frames.filter((frame) => frame.connection === connection && frame.from === side);
    const client = new WyomingClient(t, bridge.port!);
    playAgain(client, of('client'), samples);
    for (const { line, data } of of('server')) {
      const { type } = JSON.parse(line);
      const { timestamp: wantedMs = null, ...wanted } = JSON.parse(data!);
      const { timestamp: gotMs = null, ...got } = (await client.event(type)).data;
      assert.deepEqual(withoutVersions(got), withoutVersions(wanted), type);
      // A model pack that was trained again may hear the word a little earlier or later.
      if (wantedMs !== null) assert.ok(Math.abs(Number(gotMs) - wantedMs) < 500, `${gotMs} ms`);
    }
  }
});

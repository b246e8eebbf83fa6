import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { FrameReader } from '../../../src/bridges/wyoming/frames.js';
import { startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { s16le } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeVoiceFile } from '../../support/voice-file.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const VENV = join(ROOT, '.wyoming/bin/python3');
const PYTHON = existsSync(VENV) ? VENV : 'python3';

interface Recorded {
  readonly type: string;
  readonly data: object;
  readonly payload: string;
  readonly bytes: string;
}

test('what the library of the protocol has written is read', () => {
  const { events } = JSON.parse(readFileSync(join(ROOT, 'test/bridges/wyoming/transcript.json'), 'utf8')) as {
    events: Recorded[];
  };
  const bytes = Buffer.concat(events.map((event) => Buffer.from(event.bytes, 'base64')));
  const read: { type: string; data: object; payload: string }[] = [];
  for (const part of new FrameReader().read(bytes)) {
    if (part instanceof Uint8Array) read.at(-1)!.payload = Buffer.from(part).toString('base64');
    else read.push({ type: part.type, data: part.data, payload: '' });
  }
  assert.deepEqual(
    read,
    events.map(({ type, data, payload }) => ({ type, data, payload })),
  );
});

test('the library of the protocol is answered by a daemon as it expects', async (t) => {
  if (spawnSync(PYTHON, ['-c', 'import wyoming']).status !== 0) {
    return t.skip(
      `${PYTHON} has no package wyoming: python3 -m venv .wyoming && .wyoming/bin/pip install wyoming==1.10.0`,
    );
  }
  const folder = temporaryFolder();
  const { samples, pack, expected } = await makeVoiceFile(folder);
  const raw = join(folder, 'voice.s16le');
  writeFileSync(raw, s16le(samples));
  let port = 0;
  const serving = new Promise<void>((resolve) => {
    const logger = pino(
      { level: 'info' },
      {
        write(line: string) {
          const entry = JSON.parse(line);
          if (!entry.msg.startsWith('Serving Wyoming on tcp://127.0.0.1:')) return;
          port = entry.port;
          resolve();
        },
      },
    );
    const input = wavFile(folder, 'idle.wav', new Int16Array(16_000 * 60));
    void startDaemon(t, { model: pack.directory, input, wyoming: 'on', wyomingPort: 0 }, logger);
  });
  await serving;
  const script = join(ROOT, 'test/support/wyoming-client.py');
  const { stdout } = await promisify(execFile)(PYTHON, [script, String(port), raw]);
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      {
        info: 'wakegate',
        models: [
          ['one', true, ['en']],
          ['two', true, ['en']],
        ],
      },
      ...expected.detections.map(({ keyword, time }) => ({
        detection: keyword,
        timestamp: Math.round(5000 + 1000 * time),
      })),
      { pong: 'over' },
    ],
  );
});

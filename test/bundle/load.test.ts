import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeWav } from '../../src/audio/index.js';
import { loadedScripts } from '../support/inspect.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const sound = join(folder, 'silence.wav');
const cache = join(folder, 'wakegate');

before(async () => {
  await makeTinyPack(pack);
  writeFileSync(sound, writeWav(new Int16Array(60 * 16_000), 16_000));
});

/** A daemon that listens, and goes on doing so. */
async function listening(
  t: TestContext,
  args: readonly string[] = [],
  nodeFlags: readonly string[] = [],
): Promise<WakegateProcess> {
  const input = ['--model', pack, '--input', sound, '--port', '0', '--backend', 'wasm'];
  const daemon = new WakegateProcess(t, ['run', ...input, ...args], {
    env: { XDG_CACHE_HOME: folder },
    nodeFlags,
  });
  await daemon.logLine(({ msg }) => msg.startsWith('Serving'));
  return daemon;
}

/** Waits until what was compiled has been kept, for the first time or again. @returns its file */
async function keptSince(ms: number): Promise<string> {
  for (;;) {
    const names = existsSync(cache) ? readdirSync(cache) : [];
    const kept = names
      .filter((name) => /^compiled-daemon-[0-9a-f]+$/.test(name))
      .map((name) => join(cache, name));
    const file = kept.find((path) => statSync(path).mtimeMs > ms);
    if (file !== undefined) return file;
    await sleep(50);
  }
}

test('what the daemon is compiled to is kept for its owner, used, and kept again where it was damaged', {
  timeout: 60_000,
}, async (t) => {
  mkdirSync(cache);
  writeFileSync(join(cache, 'compiled-daemon-0'), '');
  utimesSync(join(cache, 'compiled-daemon-0'), 1, 1);
  await listening(t);
  const kept = await keptSince(1000);
  const first = readFileSync(kept);
  assert.ok(first.length > 100_000);
  assert.equal(statSync(kept).mode & 0o777, 0o600);

  const damaged = Buffer.from(first);
  damaged[first.length >> 1] ^= 1;
  writeFileSync(kept, damaged);
  utimesSync(kept, 1, 1);
  await listening(t);
  assert.equal(await keptSince(1000), kept);
  assert.notDeepEqual(readFileSync(kept), damaged);
  assert.deepEqual(readdirSync(cache), [basename(kept)], 'what an older build has left is gone');
});

test('what the daemon loads later comes from the bundle too, and no module is there twice', async (t) => {
  const args = ['--wyoming', 'on', '--wyoming-port', '0', '--mqtt-url', 'mqtt://127.0.0.1:9'];
  const daemon = await listening(t, args, ['--inspect=127.0.0.1:0']);
  const [, inspector] = await daemon.stderrMatch(/Debugger listening on (ws:\S+)/);
  const url = await daemon.url();
  for (const path of ['/', '/v1/status', '/v1/doctor', '/openapi.json', '/metrics', '/healthz']) {
    assert.equal((await fetch(url + path)).status, 200, path);
  }
  const { main } = await loadedScripts(inspector);
  const ours = main.filter((script) => script.includes('/dist/src/') && script.startsWith('file:'));
  assert.deepEqual(
    ours.filter((script) => !/\/(bundled\/.*|bundle\/load|cli\/main|node-version)\.cjs$/.test(script)),
    [],
  );
  for (const name of [
    'server/application.js',
    'bridges/wyoming/index.js',
    'bridges/mqtt/index.js',
    'doctor/index.js',
  ]) {
    assert.equal(main.filter((script) => script === `dist/src/${name}`).length, 1, name);
  }
});

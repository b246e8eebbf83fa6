import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EnergyAccount } from '../../src/energy/index.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();

test('the account of a running daemon is a table, with its basis next to every joule', async (t) => {
  const pack = await makeTinyPack(join(folder, 'pack'));
  const input = wavFile(folder, 'voice.wav', voice(16_000, 1));
  const daemon = await startDaemon(t, { model: pack.directory, input, gate: 'off' });
  await new Promise<void>((resolve) => {
    daemon.events.on('event', (event) => {
      if (event.type === 'input' && event.state === 'ended') resolve();
    });
  });
  const url = daemon.url!;
  const [table, json] = await Promise.all([
    wakegate(t, ['energy', '--url', url]),
    wakegate(t, ['energy', '--url', url, '--json']),
  ]);
  assert.deepEqual([table.code, table.stderr], [0, '']);
  const account = JSON.parse(json.stdout) as EnergyAccount;
  for (const name of ['capture', 'features', 'gate', 'handoff', 'classifier'] as const) {
    const { calls } = account.stages[name];
    assert.ok(calls > 0);
    assert.match(table.stdout, new RegExp(`^${name} +${calls} `, 'm'));
  }
  assert.match(table.stdout, /^mJ by profile:\S+\. /m);
  for (const line of table.stdout.split('\n').filter((text) => /\d mJ/.test(text))) {
    assert.match(line, / mJ by profile:/);
  }
  assert.match(table.stdout, /^Saved by the gate: /m);
});

test('where no daemon answers, that is said', async (t) => {
  const { code, stdout, stderr } = await wakegate(t, ['energy', '--url', 'http://127.0.0.1:1']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^wakegate: \[WG_SERVICE_UNREACHABLE\] no daemon answers at http:\/\/127\.0\.0\.1:1 \(start it/,
  );
});

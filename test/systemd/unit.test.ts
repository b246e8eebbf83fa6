import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MALLOC_ENVIRONMENT } from '../../src/process-settings.js';
import { type Scope, unitFile } from '../../src/systemd/unit.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const script = join(folder, 'main.js');
writeFileSync(script, '', { mode: 0o755 });
const unit = (scope: Scope, configFile?: string, tokenFile?: string) =>
  unitFile({ scope, node: process.execPath, script, configFile, tokenFile, tokenName: 'wakegate.token' });

test('the service is kept running, watched, and given its settings', () => {
  for (const scope of ['system', 'user'] as const) {
    const text = unit(scope, '/etc/wake gate/100%.yaml');
    assert.ok(
      text.includes(
        `ExecStart=${process.execPath} ${script} run --input mic --config "/etc/wake gate/100%%.yaml"\n`,
      ),
    );
    for (const line of [
      'Type=notify',
      'Restart=always',
      'WatchdogSec=90',
      ...Object.entries(MALLOC_ENVIRONMENT).map(([name, value]) => `Environment=${name}=${value}`),
      'StateDirectory=wakegate',
      'NoNewPrivileges=yes',
      'MemoryMax=256M',
    ]) {
      assert.ok(text.includes(`\n${line}\n`), line);
    }
  }
  assert.match(unit('system'), /\nProtectSystem=strict\n(.*\n)*DeviceAllow=char-alsa rw\n/);
});

test("the token's file is handed over to a service of the machine", () => {
  const path = '/etc/wake gate/100%.token';
  assert.match(
    unit('system', undefined, path),
    /\nLoadCredential=wakegate\.token:\/etc\/wake gate\/100%%\.token\n/,
  );
  assert.doesNotMatch(unit('system'), /LoadCredential/);
  assert.doesNotMatch(unit('user', undefined, path), /LoadCredential/);
  assert.throws(() => unit('system', undefined, '/etc/a\nExecStartPre=/bin/evil'), { code: 'WG_USAGE' });
});

test('a path that could break out of the line is refused', () => {
  for (const path of ['/tmp/a"b', '/tmp/a\nExecStartPre=/bin/evil', '/tmp/a\\b']) {
    assert.throws(() => unit('system', path), { code: 'WG_USAGE' });
  }
});

const analyze = (args: readonly string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
const skip = analyze(['--version']).status === 0 ? false : 'systemd is not installed';

test('systemd finds nothing wrong with the units', { skip }, () => {
  for (const scope of ['system', 'user'] as const) {
    const path = join(folder, `wakegate-${scope}.service`);
    writeFileSync(path, unit(scope, '/etc/wakegate.yaml', '/etc/wake gate/a.token'));
    const { status, stderr } = analyze(['verify', '--man=no', '--recursive-errors=no', path]);
    assert.deepEqual([status, stderr], [0, '']);
  }
});

test("the system's unit is exposed by 3.0 or less, as systemd counts", { skip }, () => {
  const path = join(folder, 'wakegate.service');
  writeFileSync(path, unit('system'));
  const { status, stdout } = analyze(['security', '--no-pager', '--offline=yes', '--threshold=30', path]);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /Overall exposure level for wakegate\.service: [0-3]\.\d/);
});

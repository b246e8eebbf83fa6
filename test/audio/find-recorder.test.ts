import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findRecorder, hasMicrophone, requireRecorder } from '../../src/audio/find-recorder.js';
import { WakegateError } from '../../src/errors.js';
import { isAlive, programsOnPath } from './fake-recorder.js';
import { temporaryFolder } from './temp-folder.js';

const folder = temporaryFolder();

const CARDS = `#!/bin/sh
[ "$*" = "-l" ] && echo "**** List of CAPTURE Hardware Devices ****
card 1: Device [USB Audio], device 0: x"
`;
const NO_CARDS = '#!/bin/sh\necho "arecord: device_list:274: no soundcards found..." >&2\n';

test('auto prefers arecord, then parec, then sox', (t) => {
  programsOnPath(t, folder, { sox: '', parec: '', arecord: '' });
  assert.equal(findRecorder()?.program, 'arecord');
  programsOnPath(t, folder, { sox: '', parec: '' });
  assert.equal(findRecorder()?.program, 'parec');
  programsOnPath(t, folder, { sox: '' });
  assert.equal(findRecorder()?.program, 'sox');
  assert.equal(findRecorder('arecord'), null);
});

test('what is on the PATH but is no program is passed over', (t) => {
  programsOnPath(t, folder, { sox: '' });
  const other = join(folder, 'other');
  mkdirSync(join(other, 'arecord'), { recursive: true });
  writeFileSync(join(other, 'parec'), 'not executable');
  process.env.PATH = [other, '', process.env.PATH].join(delimiter);
  assert.equal(findRecorder()?.program, 'sox');
});

test('where there is none, the error says what to install', (t) => {
  programsOnPath(t, folder, {});
  for (const choice of ['auto', 'parec'] as const) {
    assert.throws(
      () => requireRecorder(choice),
      (error) =>
        error instanceof WakegateError &&
        error.code === 'WG_RECORDER_MISSING' &&
        /apt-get install alsa-utils/.test(error.message),
    );
  }
});

test('there is a microphone where arecord lists a card, or a device is named', async (t) => {
  programsOnPath(t, folder, { arecord: CARDS });
  assert.equal(await hasMicrophone(), true);
  programsOnPath(t, folder, { arecord: NO_CARDS });
  assert.equal(await hasMicrophone(), false);
  assert.equal(await hasMicrophone({ device: 'hw:1,0' }), true);
});

test('there is a microphone where parec runs', async (t) => {
  programsOnPath(t, folder, { parec: '#!/bin/sh\n' });
  assert.equal(await hasMicrophone(), true);
  programsOnPath(t, folder, { parec: '#!/bin/sh\nexit 1\n' });
  assert.equal(await hasMicrophone(), false);
});

test('there is none without a recorder', async (t) => {
  programsOnPath(t, folder, {});
  assert.equal(await hasMicrophone(), false);
  assert.equal(await hasMicrophone({ device: 'hw:1,0' }), false);
});

test('a recorder that hangs is given up, and ended', { timeout: 10_000 }, async (t) => {
  const bin = programsOnPath(t, folder, {
    arecord: `#!/bin/sh
trap "" TERM
echo $$ > "$0.pid"
exec /bin/sleep 60
`,
  });
  assert.equal(await hasMicrophone(), false);
  assert.equal(isAlive(Number(readFileSync(join(bin, 'arecord.pid'), 'utf8'))), false);
});

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import {
  chooseRecorder,
  findRecorder,
  hasMicrophone,
  requireRecorder,
} from '../../../src/audio/microphone/find-recorder.js';
import { WakegateError } from '../../../src/errors.js';
import { isAlive, programsOnPath } from '../../support/fake-recorder.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();

const CARDS = `#!/bin/sh
[ "$*" = "-l" ] && echo "**** List of CAPTURE Hardware Devices ****
card 1: Device [USB Audio], device 0: x"
`;
const NO_CARDS = '#!/bin/sh\necho "arecord: device_list:274: no soundcards found..." >&2\n';

test('arecord is preferred, then parec, then pw-record, then sox', (t) => {
  programsOnPath(t, folder, { sox: '', 'pw-record': '', parec: '', arecord: '' });
  assert.equal(findRecorder()?.program, 'arecord');
  programsOnPath(t, folder, { sox: '', 'pw-record': '', parec: '' });
  assert.equal(findRecorder()?.program, 'parec');
  programsOnPath(t, folder, { sox: '', 'pw-record': '' });
  assert.equal(findRecorder()?.program, 'pw-record');
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

test('auto takes the first recorder that has something to record from', async (t) => {
  const answering = '#!/bin/sh\n';
  const refused = '#!/bin/sh\nexit 1\n';
  programsOnPath(t, folder, { arecord: CARDS, parec: answering, pactl: answering });
  assert.equal((await chooseRecorder()).program, 'arecord');
  programsOnPath(t, folder, { arecord: NO_CARDS, parec: answering, pactl: answering });
  assert.equal((await chooseRecorder()).program, 'parec');
  assert.equal(await hasMicrophone(), true);

  const { XDG_RUNTIME_DIR } = process.env;
  t.after(() => {
    if (XDG_RUNTIME_DIR === undefined) delete process.env.XDG_RUNTIME_DIR;
    else process.env.XDG_RUNTIME_DIR = XDG_RUNTIME_DIR;
  });
  process.env.XDG_RUNTIME_DIR = folder;
  programsOnPath(t, folder, { arecord: NO_CARDS, parec: answering, pactl: refused, 'pw-record': answering });
  assert.equal((await chooseRecorder()).program, 'arecord', 'none has, so the first there is');
  writeFileSync(join(folder, 'pipewire-0'), '');
  assert.equal((await chooseRecorder()).program, 'pw-record');
  assert.equal((await chooseRecorder('parec')).program, 'parec');
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

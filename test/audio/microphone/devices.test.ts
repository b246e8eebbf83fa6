import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { listInputs } from '../../../src/audio/index.js';
import { programsOnPath } from '../../support/fake-recorder.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const nothing = join(folder, 'nothing');

/** A Raspberry Pi with its headphones and a USB microphone, as the kernel describes them. */
const procAsound = join(folder, 'asound');
mkdirSync(join(procAsound, 'card1'), { recursive: true });
writeFileSync(
  join(procAsound, 'cards'),
  ` 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 1 [Device         ]: USB-Audio - USB PnP Sound Device
                      C-Media Electronics Inc. USB PnP Sound Device at usb-3f980000.usb-1.2, full speed
`,
);
writeFileSync(
  join(procAsound, 'pcm'),
  `00-00: bcm2835 Headphones : bcm2835 Headphones : playback 8
01-00: USB Audio : USB Audio : playback 1 : capture 1
`,
);
writeFileSync(join(procAsound, 'card1', 'id'), 'Device\n');

/** What arecord says of a device: on stderr, and then it fails, since the device has no default format. */
const ARECORD = `#!/bin/sh
[ "$2" = "hw:CARD=Device,DEV=0" ] && echo 'HW Params of device "hw:CARD=Device,DEV=0":
--------------------
ACCESS:  MMAP_INTERLEAVED RW_INTERLEAVED
FORMAT:  S16_LE
CHANNELS: 1
RATE: [44100 48000]
PERIOD_TIME: (11609 1000000]
--------------------' >&2
exit 1
`;
const usb = {
  recorder: 'arecord',
  name: 'plughw:CARD=Device,DEV=0',
  description: 'USB PnP Sound Device, USB Audio',
  rates: { lowest: 44_100, highest: 48_000 },
  channels: { lowest: 1, highest: 1 },
  isMonitor: false,
};

test("ALSA's capture devices are listed by the id of their card, with what they can do", async (t) => {
  programsOnPath(t, folder, { arecord: ARECORD });
  assert.deepEqual(await listInputs(procAsound), [usb]);
});

test('a device that is in use is listed too, without what it can do', async (t) => {
  programsOnPath(t, folder, {
    arecord: '#!/bin/sh\necho "arecord: main:831: audio open error: Device or resource busy" >&2; exit 1\n',
  });
  assert.deepEqual(await listInputs(procAsound), [{ ...usb, rates: null, channels: null }]);
});

test("a sound server's sources are listed by their own names; what is only played is marked", async (t) => {
  programsOnPath(t, folder, {
    parec: '',
    pactl: `#!/bin/sh
[ "$*" = "list short sources" ] && printf '%s\\t%s\\t%s\\t%s\\t%s\\n' \\
  0 alsa_output.hdmi.monitor PipeWire 's32le 2ch 48000Hz' SUSPENDED \\
  7 alsa_input.usb-C-Media_Inc.-00.mono-fallback PipeWire 's16le 1ch 44100Hz' RUNNING
`,
  });
  const [monitor, microphone, ...others] = await listInputs(nothing);
  assert.deepEqual(others, []);
  assert.equal(monitor.isMonitor, true);
  assert.deepEqual(microphone, {
    recorder: 'parec',
    name: 'alsa_input.usb-C-Media_Inc.-00.mono-fallback',
    description: 'usb-C-Media Inc.-00.mono-fallback',
    rates: { lowest: 44_100, highest: 44_100 },
    channels: { lowest: 1, highest: 1 },
    isMonitor: false,
  });
});

test("PipeWire's sources are found among all that it knows", async (t) => {
  const node = (mediaClass: string, name: string, format: object) => ({
    id: 1,
    type: 'PipeWire:Interface:Node',
    info: {
      props: { 'media.class': mediaClass, 'node.name': name, 'node.description': `The ${name}` },
      params: { EnumFormat: [{ mediaType: 'audio', ...format }] },
    },
  });
  const objects = [
    { id: 0, type: 'PipeWire:Interface:Core', info: { props: {} } },
    { id: 9, type: 'PipeWire:Interface:Metadata' },
    node('Audio/Sink', 'speaker', { rate: 48_000, channels: 2 }),
    node('Audio/Source', 'mic', { rate: { default: 48_000, min: 8000, max: 96_000 }, channels: 1 }),
  ];
  writeFileSync(join(folder, 'dump.json'), `${JSON.stringify(objects)}\n`);
  programsOnPath(t, folder, {
    'pw-record': '',
    'pw-dump': `#!/bin/sh\nwhile read -r line; do echo "$line"; done < ${join(folder, 'dump.json')}\n`,
  });
  assert.deepEqual(await listInputs(nothing), [
    {
      recorder: 'pw-record',
      name: 'mic',
      description: 'The mic',
      rates: { lowest: 48_000, highest: 48_000 },
      channels: { lowest: 1, highest: 1 },
      isMonitor: false,
    },
  ]);
});

test('where there is nothing, or a server does not answer, the list is empty', async (t) => {
  programsOnPath(t, folder, {});
  assert.deepEqual(await listInputs(nothing), []);
  const refused = '#!/bin/sh\necho "Connection refused" >&2; exit 1\n';
  programsOnPath(t, folder, {
    arecord: refused,
    parec: refused,
    pactl: refused,
    'pw-record': refused,
    'pw-dump': refused,
  });
  assert.deepEqual(await listInputs(nothing), []);
});

for (const dump of [
  'pw-dump: warning\n[]',
  '[{"type":"PipeWire:Interface:Node"',
  'null',
  '{"id": 3}',
  '[null, 3, "x", {}, {"type": 7}, {"type": "PipeWire:Interface:Node"}, {"type": "PipeWire:Interface:Node", "info": null}]',
  '[{"type": "PipeWire:Interface:Node", "info": {"props": null, "params": null}}]',
]) {
  test(`pw-dump that prints ${dump.slice(0, 40)} lists nothing, and is no fault`, async (t) => {
    writeFileSync(join(folder, 'dump.json'), `${dump}\n`);
    programsOnPath(t, folder, {
      'pw-record': '',
      'pw-dump': `#!/bin/sh\nwhile read -r line; do echo "$line"; done < ${join(folder, 'dump.json')}\n`,
    });
    assert.deepEqual(await listInputs(nothing), []);
  });
}

test('a PipeWire source whose formats are odd is listed without them', async (t) => {
  const node = { type: 'PipeWire:Interface:Node' };
  const props = { 'media.class': 'Audio/Source', 'node.name': 'Mikrofon (Küche)' };
  const odd = [null, 3, 'x', {}, [], [null], [{ rate: null, channels: 'x' }], [{ rate: { default: {} } }]];
  const objects = odd.map((EnumFormat) => ({ ...node, info: { props, params: { EnumFormat } } }));
  writeFileSync(join(folder, 'dump.json'), `${JSON.stringify(objects)}\n`);
  programsOnPath(t, folder, {
    'pw-record': '',
    'pw-dump': `#!/bin/sh\nwhile read -r line; do echo "$line"; done < ${join(folder, 'dump.json')}\n`,
  });
  const inputs = await listInputs(nothing);
  assert.equal(inputs.length, odd.length);
  for (const { name, rates, channels } of inputs) {
    assert.deepEqual([name, rates, channels], ['Mikrofon (Küche)', null, null]);
  }
});

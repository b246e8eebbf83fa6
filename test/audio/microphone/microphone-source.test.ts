import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecorderProgram } from '../../../src/audio/microphone/find-recorder.js';
import { type MicrophoneOptions, MicrophoneSource } from '../../../src/audio/microphone/microphone-source.js';
import { SupervisedMicrophone } from '../../../src/audio/microphone/supervised-microphone.js';
import { WakegateError } from '../../../src/errors.js';
import { fakeRecorders } from '../../support/fake-recorder.js';
import { correlation, s16le, voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const spoken = voice(16_000, 1);
const rawFile = join(folder, 'spoken.raw');
writeFileSync(rawFile, s16le(spoken));
const PLAY = `play(${JSON.stringify(rawFile)});`;
const RAW = JSON.stringify(rawFile);

/** A busy machine may take seconds to start a program. */
const PATIENT: MicrophoneOptions = { startTimeoutMs: 20_000, dataTimeoutMs: 20_000 };

/** What is heard until the source ends or has given `atMost` samples, and the fault it ended with. */
async function listen(
  source: MicrophoneSource,
  atMost = Number.POSITIVE_INFINITY,
): Promise<{ heard: number[]; fault: WakegateError | null }> {
  const heard: number[] = [];
  try {
    for await (const { samples, startSample } of source) {
      assert.equal(startSample, heard.length);
      heard.push(...samples);
      if (heard.length >= atMost) break;
    }
  } catch (error) {
    assert.ok(error instanceof WakegateError, String(error));
    return { heard, fault: error };
  }
  return { heard, fault: null };
}

/** Whatever a run could leave behind in this process. */
function heldResources(): Record<string, number> {
  const kinds = ['ProcessWrap', 'PipeWrap', 'Timeout'];
  const held = process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind));
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  return { held: held.length, listeners: listeners.reduce((sum, count) => sum + count, 0) };
}

test('what the recorder gives is heard, in whole chunks of 80 ms', { timeout: 30_000 }, async (t) => {
  const { arecord } = fakeRecorders(t, folder, { arecord: `${PLAY} stay();` });
  const source = new MicrophoneSource(PATIENT);
  const sizes = new Set<number>();
  const heard: number[] = [];
  for await (const chunk of source) {
    sizes.add(chunk.samples.length % 1280);
    heard.push(...chunk.samples);
    assert.ok(Math.abs(source.clock.wallMs(chunk.startSample + chunk.samples.length) - Date.now()) < 10_000);
    if (heard.length >= 15_360) break;
  }
  assert.deepEqual([...sizes], [0]);
  assert.deepEqual(heard, [...spoken.subarray(0, 15_360)]);
  assert.equal(source.name, 'microphone (arecord, default)');
  assert.equal(arecord.isRunning(), false);
});

test('each recorder is asked for raw audio of the wanted kind', { timeout: 60_000 }, async (t) => {
  const help = `if (argv.includes('--help')) { console.log('  -a, --raw   RAW mode'); process.exit(); }`;
  const programs = { arecord: PLAY, parec: PLAY, 'pw-record': help + PLAY, sox: PLAY };
  const fakes = fakeRecorders(t, folder, programs);
  const args = async (recorder: RecorderProgram, device?: string): Promise<string> => {
    const options = { ...PATIENT, recorder, rate: 48_000, channels: 2, ...(device ? { device } : {}) };
    const source = new MicrophoneSource(options);
    await listen(source);
    assert.equal(source.name, `microphone (${recorder}, ${device ?? 'default'})`);
    return fakes[recorder].args().join(' ');
  };
  assert.equal(
    await args('arecord', 'plughw:CARD=Device,DEV=0'),
    '--quiet --device=plughw:CARD=Device,DEV=0 --file-type=raw --format=S16_LE --rate=48000 --channels=2 ' +
      '--period-time=80000 --buffer-time=500000',
  );
  assert.doesNotMatch(await args('arecord'), /--device/);
  assert.equal(
    await args('parec', 'alsa_input.usb-0d8c'),
    '--raw --device=alsa_input.usb-0d8c --format=s16le --rate=48000 --channels=2 --latency-msec=80 ' +
      '--client-name=wakegate',
  );
  assert.equal(
    await args('pw-record', 'alsa_input.usb-0d8c'),
    '--target alsa_input.usb-0d8c --rate 48000 --channels 2 --format s16 --latency 80ms ' +
      '-P { application.name = wakegate } --raw -',
  );
  assert.equal(
    await args('sox', 'hw:1'),
    '--no-show-progress --buffer 15360 --default-device --type raw --rate 48000 --channels 2 ' +
      '--encoding signed-integer --bits 16 --endian little -',
  );
  assert.equal(fakes.sox.env().AUDIODEV, 'hw:1');
});

test('an older pw-record, which gives raw audio by itself, is not asked to', {
  timeout: 30_000,
}, async (t) => {
  const help = `if (argv.includes('--help')) { console.log('  --rate   Sample rate'); process.exit(); }`;
  const fakes = fakeRecorders(t, folder, { 'pw-record': help + PLAY });
  await listen(new MicrophoneSource({ ...PATIENT, recorder: 'pw-record' }));
  assert.equal(fakes['pw-record'].args().at(-2), '{ application.name = wakegate }');
});

test('samples have a time from the first, though more of them wait than are read at once', {
  timeout: 30_000,
}, async (t) => {
  const file = join(folder, 'flood.raw');
  writeFileSync(file, s16le(voice(16_000, 20)));
  fakeRecorders(t, folder, { arecord: `play(${JSON.stringify(file)}); stay();` });
  const source = new MicrophoneSource(PATIENT);
  for await (const { startSample } of source) {
    assert.ok(Number.isFinite(source.clock.wallMs(startSample)));
    if (startSample > 100_000) break;
  }
});

test('stereo at 48 kHz is averaged and resampled', { timeout: 30_000 }, async (t) => {
  const mono = voice(48_000, 1);
  const stereo = Int16Array.from(
    { length: mono.length * 2 },
    (_, i) => mono[i >> 1] / 2 + (i % 2 ? 500 : -500),
  );
  const file = join(folder, 'stereo.raw');
  writeFileSync(file, s16le(stereo));
  fakeRecorders(t, folder, { arecord: `play(${JSON.stringify(file)}); stay();` });
  const { heard } = await listen(new MicrophoneSource({ ...PATIENT, rate: 48_000, channels: 2 }), 12_800);
  assert.ok(correlation(heard, spoken) > 0.99);
});

test('a recorder that ends is a fault, even with code 0, once its samples are heard', {
  timeout: 30_000,
}, async (t) => {
  fakeRecorders(t, folder, { arecord: PLAY });
  const { heard, fault } = await listen(new MicrophoneSource(PATIENT));
  assert.deepEqual(heard, [...spoken]);
  assert.equal(fault?.code, 'WG_RECORDER_FAILED');
  assert.match(fault.message, /arecord ended with code 0/);
});

test('a recorder that fails is quoted', { timeout: 30_000 }, async (t) => {
  const body = `console.error('ALSA lib: noise\\n\\narecord: main:831: audio open error: Device or resource busy');
    process.exitCode = 1;`;
  fakeRecorders(t, folder, { arecord: body });
  const { heard, fault } = await listen(new MicrophoneSource({ ...PATIENT, device: 'hw:1' }));
  assert.equal(heard.length, 0);
  assert.equal(fault?.code, 'WG_RECORDER_FAILED');
  assert.match(fault.message, /ended with code 1.*ALSA lib: noise \/ arecord.*Device or resource busy$/);
});

test('a recorder that is killed is a fault that names the signal', { timeout: 30_000 }, async (t) => {
  fakeRecorders(t, folder, { arecord: `play(${RAW}, () => process.kill(process.pid, 'SIGKILL'));` });
  const { fault } = await listen(new MicrophoneSource(PATIENT));
  assert.equal(fault?.code, 'WG_RECORDER_FAILED');
  assert.match(fault.message, /SIGKILL/);
});

test('a recorder that gives nothing is a fault, and is ended', { timeout: 30_000 }, async (t) => {
  const { arecord } = fakeRecorders(t, folder, { arecord: 'stay();' });
  const { fault } = await listen(new MicrophoneSource({ startTimeoutMs: 500 }));
  assert.equal(fault?.code, 'WG_RECORDER_FAILED');
  assert.match(fault.message, /gives no samples/);
  assert.equal(arecord.isRunning(), false);
});

test('a recorder that falls silent is a fault, after what it gave', { timeout: 30_000 }, async (t) => {
  fakeRecorders(t, folder, { arecord: `${PLAY} stay();` });
  const { heard, fault } = await listen(new MicrophoneSource({ ...PATIENT, dataTimeoutMs: 300 }));
  assert.deepEqual(heard, [...spoken]);
  assert.equal(fault?.code, 'WG_RECORDER_FAILED');
  assert.match(fault.message, /has stopped giving samples/);
});

test('a recorder that will not go is killed', { timeout: 30_000 }, async (t) => {
  const { arecord } = fakeRecorders(t, folder, {
    arecord: `process.on('SIGTERM', () => {}); ${PLAY} stay();`,
  });
  const { fault } = await listen(new MicrophoneSource(PATIENT), 1280);
  assert.equal(fault, null);
  assert.equal(arecord.isRunning(), false);
});

test('a program that cannot be run is a fault', { timeout: 30_000 }, async (t) => {
  fakeRecorders(t, folder, { arecord: '' });
  writeFileSync(join(process.env.PATH!, 'arecord'), '#!/nowhere/at/all\n');
  const { fault } = await listen(new MicrophoneSource(PATIENT));
  assert.equal(fault?.code, 'WG_RECORDER_MISSING');
  writeFileSync(join(process.env.PATH!, 'arecord'), 'not a program');
  assert.match((await listen(new MicrophoneSource(PATIENT))).fault!.code, /^WG_RECORDER_/);
});

test('no recorder at all is WG_RECORDER_MISSING', async (t) => {
  fakeRecorders(t, folder, {});
  const { fault } = await listen(new MicrophoneSource());
  assert.equal(fault?.code, 'WG_RECORDER_MISSING');
});

test('where file descriptors have run out, it is a fault, and the process lives on', {
  timeout: 30_000,
}, async (t) => {
  fakeRecorders(t, folder, { arecord: PLAY });
  const moduleUrl = new URL('../../../src/audio/microphone/microphone-source.js', import.meta.url).href;
  const script = `
    import { closeSync, openSync } from 'node:fs';
    import { MicrophoneSource } from ${JSON.stringify(moduleUrl)};
    const held = [];
    try { for (;;) held.push(openSync('/dev/null')); } catch {}
    const codes = [];
    for (const freed of [0, 3, 3]) {
      for (let i = 0; i < freed; i++) closeSync(held.pop());
      try { for await (const _ of new MicrophoneSource()); } catch (error) { codes.push(error.code); }
    }
    setTimeout(() => console.log(codes.join()), 50);
  `;
  const shell = `ulimit -n 64; exec "${process.execPath}" --input-type=module --eval "$0"`;
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', shell, script]);
  assert.equal(String(stdout), 'WG_RECORDER_FAILED,WG_RECORDER_FAILED,WG_RECORDER_FAILED\n', String(stderr));
});

for (const [rhythm, most] of [
  ['slow', 5],
  ['steady', 6],
  ['soon', 8],
] as const) {
  test(`in the ${rhythm} rhythm several chunks are read at once, and none is lost`, {
    timeout: 30_000,
  }, async (t) => {
    // 80 ms of sound every 80 ms, as from a device.
    fakeRecorders(t, folder, {
      arecord: `const bytes = fs.readFileSync(${RAW});
        let at = 0;
        setInterval(() => process.stdout.write(bytes.subarray(at, at += 2560)), 80);`,
    });
    const source = new MicrophoneSource(PATIENT);
    source.rhythm = rhythm;
    const heard: number[] = [];
    let readings = 0;
    for await (const { samples, startSample } of source) {
      assert.equal(startSample, heard.length);
      heard.push(...samples);
      readings++;
      // From another rest to this one, as where sound comes and goes.
      if (readings === 2) source.rhythm = rhythm === 'slow' ? 'steady' : 'slow';
      source.rhythm = rhythm;
      if (heard.length >= 11_520) break;
    }
    assert.deepEqual(heard, [...spoken.subarray(0, heard.length)]);
    assert.ok(readings <= most, `${readings} readings for ${heard.length / 1280} chunks`);
  });
}

test('one channel of several is heard alone', { timeout: 30_000 }, async (t) => {
  const stereo = Int16Array.from({ length: spoken.length * 2 }, (_, i) => (i % 2 ? spoken[i >> 1] : 12_345));
  const file = join(folder, 'two.raw');
  writeFileSync(file, s16le(stereo));
  fakeRecorders(t, folder, { arecord: `play(${JSON.stringify(file)}); stay();` });
  const { heard } = await listen(new MicrophoneSource({ ...PATIENT, channels: 2, channel: 2 }), 12_800);
  assert.deepEqual(heard, [...spoken.subarray(0, heard.length)]);
  assert.throws(
    () => new MicrophoneSource({ channels: 2, channel: 3 }),
    /there is no channel 3: give 1 to 2/,
  );
});

test('close ends the iteration and the recorder', { timeout: 30_000 }, async (t) => {
  const { arecord } = fakeRecorders(t, folder, { arecord: `${PLAY} stay();` });
  const source = new MicrophoneSource(PATIENT);
  let chunks = 0;
  for await (const _ of source) {
    if (chunks++ === 0) setTimeout(() => source.close(), 50);
  }
  assert.ok(chunks > 0);
  assert.equal(arecord.isRunning(), false);
  await source.close();
});

test('close before the start, or while it starts, leaves nothing running', { timeout: 30_000 }, async (t) => {
  const { arecord } = fakeRecorders(t, folder, { arecord: `${PLAY} stay();` });
  const early = new MicrophoneSource(PATIENT);
  await early.close();
  assert.deepEqual(await listen(early), { heard: [], fault: null });

  const starting = new MicrophoneSource(PATIENT);
  const ended = listen(starting);
  await sleep(0);
  await starting.close();
  assert.equal((await ended).fault, null);
  assert.equal(arecord.isRunning(), false);
});

test('a reader that is late loses the oldest samples, and the numbering shows it', {
  timeout: 30_000,
}, async (t) => {
  // Twelve seconds of audio at once, of which five are kept.
  const played = join(folder, 'played');
  fakeRecorders(t, folder, {
    arecord: `for (let i = 0; i < 11; i++) ${PLAY}
      play(${RAW}, () => fs.writeFileSync(${JSON.stringify(played)}, ''));
      stay();`,
  });
  let next = 0;
  let lost = 0;
  for await (const { samples, startSample } of new MicrophoneSource(PATIENT)) {
    lost += startSample - next;
    next = startSample + samples.length;
    assert.equal(samples[0], spoken[startSample % spoken.length]);
    while (!existsSync(played)) await sleep(20);
    if (next > 12 * 16_000 - 1280) break; // less than a chunk is left
  }
  // What had been taken before the reader stopped, and what the ring keeps, is not lost.
  assert.ok(lost > 0 && lost <= 7 * 16_000, `${lost} samples lost`);
});

test('device names that could be options or commands are refused', () => {
  for (const device of [
    '',
    '-l',
    '--help',
    "file:'|reboot',raw",
    '{type hw}',
    '`reboot`',
    '$HOME',
    'x\n',
    'x'.repeat(300),
  ]) {
    assert.throws(
      () => new MicrophoneSource({ device }),
      (error) => error instanceof WakegateError && error.code === 'WG_USAGE',
      JSON.stringify(device),
    );
  }
  assert.equal(
    new MicrophoneSource({ device: 'sysdefault:CARD=1' }).name,
    'microphone (auto, sysdefault:CARD=1)',
  );
});

test('fifty runs leave no process, pipe, timer or listener behind', { timeout: 120_000 }, async (t) => {
  fakeRecorders(t, folder, {});
  // A shell starts in a few milliseconds.
  const script = join(process.env.PATH!, 'arecord');
  writeFileSync(script, '#!/bin/sh\nprintf "12345678"\nexit 1\n', { mode: 0o755 });
  await listen(new MicrophoneSource(PATIENT));
  await sleep(50); // closed handles are gone a few turns of the loop later
  const before = heldResources();
  for (let run = 0; run < 50; run++) {
    const { heard } = await listen(new MicrophoneSource(PATIENT), run % 2 === 0 ? 1 : undefined);
    assert.equal(heard.length, 4);
  }
  await sleep(50);
  assert.deepEqual(heldResources(), before);
});

const hasAlsaFilePlugin =
  spawnSync('arecord', ['--version']).status === 0 && existsSync('/usr/share/alsa/alsa.conf');

test('the real arecord, reading a file through ALSA, gives its samples', {
  skip: hasAlsaFilePlugin ? false : 'arecord (alsa-utils) is not installed, so no real recorder can be run',
  timeout: 60_000,
}, async (t) => {
  const config = join(folder, 'asoundrc');
  writeFileSync(
    config,
    `pcm.wgtest { type file; slave.pcm null; file /dev/null; infile "${rawFile}"; format raw }\n`,
  );
  const previous = process.env.ALSA_CONFIG_PATH;
  process.env.ALSA_CONFIG_PATH = `/usr/share/alsa/alsa.conf:${config}`;
  t.after(() => {
    if (previous === undefined) delete process.env.ALSA_CONFIG_PATH;
    else process.env.ALSA_CONFIG_PATH = previous;
  });
  const before = heldResources();
  // Nothing paces this device: after the file it continues with silence, as fast as the pipe takes it.
  const source = new MicrophoneSource({ ...PATIENT, recorder: 'arecord', device: 'wgtest' });
  const heard: number[] = [];
  for await (const { samples } of source) {
    heard.push(...samples);
    if (heard.length >= 15_360) break;
  }
  assert.deepEqual(heard.slice(0, 15_360), [...spoken.subarray(0, 15_360)]);
  await sleep(10);
  assert.deepEqual(heldResources(), before);

  const missing = new MicrophoneSource({ ...PATIENT, recorder: 'arecord', device: 'nosuchdevice' });
  const { fault } = await listen(missing);
  assert.equal(fault?.code, 'WG_RECORDER_FAILED');
  assert.match(fault.message, /nosuchdevice/);
});

const OF_SOUND_SERVERS = [
  '@DEFAULT_SOURCE@',
  'alsa_input.usb-Blue_Microphones_Yeti-00.analog-stereo',
  'Mikrofon (Küche) [USB]',
  'bluez_input.AA:BB:CC:DD:EE:FF',
  '会議室のマイク',
];

test('device names of sound servers are taken for their recorders', { timeout: 60_000 }, async (t) => {
  const { parec } = fakeRecorders(t, folder, { parec: `${PLAY} stay();`, arecord: 'stay();' });
  for (const device of OF_SOUND_SERVERS) {
    await listen(new MicrophoneSource({ ...PATIENT, recorder: 'parec', device }), 1280);
    assert.ok(parec.args().includes(`--device=${device}`), `${parec.args()}`);
  }
});

test('names with blanks or brackets are refused where ALSA would read them', {
  timeout: 30_000,
}, async (t) => {
  fakeRecorders(t, folder, { arecord: 'stay();' });
  const device = 'Mikrofon (Küche) [USB]';
  for (const recorder of ['arecord', 'sox'] as const) {
    assert.throws(() => new MicrophoneSource({ recorder, device }), { code: 'WG_USAGE' }, recorder);
  }
  // The one that is chosen by itself is known only when it is started.
  const { fault } = await listen(new MicrophoneSource({ ...PATIENT, device }));
  assert.equal(fault?.code, 'WG_USAGE');
  assert.match(fault!.message, /device for arecord.*wakegate devices/);
});

for (const text of ["Recording raw data 'stdin'\n", 'Warning: no mixer\r\nGoing on without\n']) {
  test(`${text.length} characters of text before the samples put nothing out of step`, {
    timeout: 30_000,
  }, async (t) => {
    const print = `process.stdout.write(${JSON.stringify(text)});`;
    fakeRecorders(t, folder, { arecord: `${print} ${PLAY} stay();` });
    const { heard } = await listen(new MicrophoneSource({ ...PATIENT, recorder: 'arecord' }), 6400);
    assert.deepEqual(heard.slice(0, 6400), [...spoken.subarray(0, 6400)]);
  });
}

test('a recorder that prints nothing but text is a fault that quotes it', { timeout: 30_000 }, async (t) => {
  fakeRecorders(t, folder, { arecord: `setInterval(() => console.log('no card today'), 1);` });
  const { heard, fault } = await listen(new MicrophoneSource({ ...PATIENT, recorder: 'arecord' }));
  assert.equal(heard.length, 0);
  assert.match(fault!.message, /^arecord prints text where its samples should come; it said: no card today/);
});

test('samples that get out of step by a byte are a fault', { timeout: 60_000 }, async (t) => {
  const raw = join(folder, 'long.raw');
  writeFileSync(raw, s16le(voice(16_000, 2)));
  fakeRecorders(t, folder, {
    arecord: `play(${JSON.stringify(raw)});
      process.stdout.write('overrun!!! (at least 123 ms)\\n');
      for (let i = 0; i < 6; i++) play(${JSON.stringify(raw)});
      stay();`,
  });
  const { fault } = await listen(new MicrophoneSource({ ...PATIENT, recorder: 'arecord' }));
  assert.match(fault!.message, /^arecord gives noise, as its samples are out of step by a byte/);
});

test('a recorder that prints without an end on stderr is heard, and that is said', {
  timeout: 60_000,
}, async (t) => {
  fakeRecorders(t, folder, {
    arecord: `${PLAY}
      const flood = Buffer.from('overrun!!!\\n'.repeat(6000));
      const print = () => process.stderr.write(flood, print);
      print();
      setInterval(() => process.stdout.write(Buffer.alloc(2560)), 80);`,
  });
  const microphone = new MicrophoneSource({ ...PATIENT, recorder: 'arecord' });
  let heard = 0;
  for await (const { samples } of microphone) {
    heard += samples.length;
    if (microphone.problem?.startsWith('arecord prints errors')) break;
  }
  assert.ok(heard >= spoken.length);
  assert.match(microphone.problem!, /^arecord prints errors without an end; it said: overrun!!! \/ overrun/);
});

test('a device that gives its own rate is a fault that names the way out', { timeout: 60_000 }, async (t) => {
  // 48 kHz where 16 kHz were asked for, as from hw:1,0.
  fakeRecorders(t, folder, {
    arecord: `const bytes = Buffer.alloc(7680);
      setInterval(() => process.stdout.write(bytes), 80);`,
  });
  const microphone = new SupervisedMicrophone({ ...PATIENT, device: 'hw:1,0', recorder: 'arecord' });
  const told: string[] = [];
  microphone.on('listening', () => told.push('listening'));
  microphone.on('restored', () => told.push('restored'));
  microphone.on('lost', ({ message }) => told.push(message));
  let heardSince = 0;
  for await (const { samples } of microphone) {
    if (told.length > 1) heardSince += samples.length;
    if (heardSince > 16_000) break;
  }
  const [, fault] = told;
  assert.match(fault, /\d+ samples a second where 16000 were asked for.*plughw:1,0.*rate to \d+/);
  assert.deepEqual(told, ['listening', fault], 'sound of the same pace does not give it back');
});

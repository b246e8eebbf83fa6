import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeFile } from '../../../src/audio/codecs/decode.js';
import { writeWav } from '../../../src/audio/codecs/wav.js';
import { readAudioFile } from '../../../src/audio/file-source.js';
import { WakegateError } from '../../../src/errors.js';
import { correlation, voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { chunk, fmt, riff } from '../../support/wav-bytes.js';

const folder = temporaryFolder();

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function fault(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof WakegateError && error.code === code && message.test(error.message);
}

/** Files that this process holds open in the folder. */
function openFiles(): string[] {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.startsWith(folder));
}

test('a WAV file is recognized by its content, whatever its name', async () => {
  const samples = voice(16_000, 0.2);
  assert.deepEqual(await readAudioFile(file('sound.txt', writeWav(samples, 16_000))), samples);
});

test('what is not audio is refused with a list of what is read', async () => {
  const readable = /WAV, FLAC, MP3, and Ogg/;
  await assert.rejects(
    readAudioFile(file('note.wav', 'Dear listener,\n')),
    fault('WG_AUDIO_UNSUPPORTED', readable),
  );
  await assert.rejects(
    readAudioFile(file('utf16.mp3', Buffer.from('\ufeffDear listener', 'utf16le'))),
    fault('WG_AUDIO_UNSUPPORTED', readable),
  );
  await assert.rejects(readAudioFile(file('x', Buffer.from([7]))), fault('WG_AUDIO_UNSUPPORTED', readable));
});

test('known kinds of audio that are not read are named', async () => {
  const m4a = Buffer.concat([Buffer.from([0, 0, 0, 32]), Buffer.from('ftypM4A '), Buffer.alloc(64)]);
  await assert.rejects(readAudioFile(file('a.m4a', m4a)), fault('WG_AUDIO_UNSUPPORTED', /M4A/));
  await assert.rejects(
    readAudioFile(file('a.aac', Buffer.from('fff15080', 'hex'))),
    fault('WG_AUDIO_UNSUPPORTED', /AAC/),
  );
  await assert.rejects(
    readAudioFile(file('a.aif', 'FORM0000AIFFCOMM')),
    fault('WG_AUDIO_UNSUPPORTED', /AIFF/),
  );
});

test('files without samples are empty', async () => {
  await assert.rejects(readAudioFile(file('zero.wav', '')), fault('WG_AUDIO_EMPTY', /zero\.wav/));
  await assert.rejects(
    readAudioFile(file('header.wav', writeWav(new Int16Array(0), 16_000))),
    fault('WG_AUDIO_EMPTY', /header\.wav/),
  );
});

test('a missing path and a directory are not found', async () => {
  await assert.rejects(readAudioFile(join(folder, 'gone.wav')), fault('WG_INPUT_NOT_FOUND', /gone\.wav/));
  await assert.rejects(readAudioFile(folder), fault('WG_INPUT_NOT_FOUND', /directory/));
  await assert.rejects(readAudioFile(join(file('f', 'x'), 'below')), fault('WG_INPUT_NOT_FOUND', /below/));
});

test('sample rates that cannot be resampled are refused', async () => {
  for (const rate of [500, 384_000]) {
    const wav = riff([fmt({ tag: 1, bits: 16, rate, channels: 1 }), chunk('data', Buffer.alloc(64))]);
    await assert.rejects(
      readAudioFile(file(`${rate}.wav`, wav)),
      fault('WG_AUDIO_UNSUPPORTED', /1000 to 192000 Hz/),
    );
  }
});

test('a file is closed when it is left early, and when it fails', async () => {
  const path = file('long.wav', writeWav(voice(16_000, 5), 16_000));
  for await (const block of decodeFile(path)) {
    assert.ok(block.samples.length > 0);
    assert.deepEqual(openFiles(), [path]);
    break;
  }
  assert.deepEqual(openFiles(), []);
  await assert.rejects(readAudioFile(file('cut.wav', readFileSync(path).subarray(0, 100_000))));
  assert.deepEqual(openFiles(), []);
});

// Compressed files are made by ffmpeg, an encoder that is independent of the decoders.
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const skip = hasFfmpeg ? false : 'ffmpeg is not installed, so there is nothing to decode';

interface Kind {
  readonly name: string;
  readonly extension: string;
  readonly encoder: readonly string[];
  readonly rate: number;
  readonly minCorrelation: number;
}

const KINDS: readonly Kind[] = [
  { name: 'FLAC', extension: 'flac', encoder: ['-c:a', 'flac'], rate: 16_000, minCorrelation: 1 - 1e-9 },
  {
    name: 'FLAC at 44.1 kHz',
    extension: 'flac',
    encoder: ['-c:a', 'flac'],
    rate: 44_100,
    minCorrelation: 0.999,
  },
  {
    name: 'FLAC in Ogg',
    extension: 'oga',
    encoder: ['-c:a', 'flac'],
    rate: 16_000,
    minCorrelation: 1 - 1e-9,
  },
  {
    name: 'Ogg Opus',
    extension: 'opus',
    encoder: ['-c:a', 'libopus', '-b:a', '64k'],
    rate: 48_000,
    minCorrelation: 0.99,
  },
  {
    name: 'Ogg Vorbis',
    extension: 'ogg',
    encoder: ['-c:a', 'libvorbis', '-q:a', '6'],
    rate: 44_100,
    minCorrelation: 0.99,
  },
  {
    name: 'MP3',
    extension: 'mp3',
    encoder: ['-c:a', 'libmp3lame', '-b:a', '128k'],
    rate: 44_100,
    minCorrelation: 0.99,
  },
  {
    name: 'MP3 at 16 kHz',
    extension: 'mp3',
    encoder: ['-c:a', 'libmp3lame', '-b:a', '64k'],
    rate: 16_000,
    minCorrelation: 0.99,
  },
];

/** Encodes a WAV file and gives the path of the result. */
function encode(wav: string, { extension, encoder }: Kind, extra: readonly string[] = []): string {
  const path = join(folder, `encoded-${Math.random()}.${extension}`);
  const made = spawnSync('ffmpeg', ['-v', 'error', '-y', '-i', wav, ...encoder, ...extra, path]);
  assert.equal(made.status, 0, String(made.stderr));
  return path;
}

const originals = new Map<number, string>();

/** A WAV file of the voice at that rate. */
function original(rate: number): string {
  const path = originals.get(rate) ?? file(`original-${rate}.wav`, writeWav(voice(rate, 1.5), rate));
  originals.set(rate, path);
  return path;
}

const encodings = new Map<Kind, string>();

/** The original in that kind, encoded once for all tests. */
function encoded(kind: Kind): string {
  const path = encodings.get(kind) ?? encode(original(kind.rate), kind);
  encodings.set(kind, path);
  return path;
}

for (const kind of KINDS) {
  test(`${kind.name} sounds as the original, and is as long`, { skip }, async () => {
    const wanted = await readAudioFile(original(kind.rate));
    const decoded = await readAudioFile(encoded(kind));
    assert.equal(wanted.length, 24_000);
    assert.ok(Math.abs(decoded.length - wanted.length) <= 1, `${decoded.length} samples`);
    assert.ok(
      correlation(decoded, wanted) >= kind.minCorrelation,
      `correlation ${correlation(decoded, wanted)}`,
    );
    assert.deepEqual(openFiles(), []);
  });

  test(`${kind.name} that is cut anywhere is invalid`, { skip }, async () => {
    const whole = readFileSync(encoded(kind));
    for (const share of [0.02, 0.1, 0.5, 0.9, 0.99]) {
      const cut = file(`cut.${kind.extension}`, whole.subarray(0, Math.floor(whole.length * share)));
      await assert.rejects(readAudioFile(cut), fault('WG_AUDIO_INVALID', /cut/), `${share} of the file`);
    }
    assert.deepEqual(openFiles(), []);
  });
}

for (const kind of KINDS.filter(({ extension }) => extension !== 'mp3')) {
  test(`${kind.name} with altered bytes is invalid`, { skip }, async () => {
    const altered = readFileSync(encoded(kind));
    altered.fill(0x55, Math.floor(altered.length / 2), Math.floor(altered.length / 2) + 16);
    const path = file(`altered.${kind.extension}`, altered);
    await assert.rejects(readAudioFile(path), fault('WG_AUDIO_INVALID', /damaged|other than/));
  });
}

test('stereo MP3 with an ID3 tag and a picture-sized gap before the sound is read', { skip }, async () => {
  const mp3 = KINDS.find(({ extension }) => extension === 'mp3')!;
  const wav = original(mp3.rate);
  const plain = readFileSync(encode(wav, mp3, ['-ac', '2', '-id3v2_version', '0']));
  const tag = Buffer.alloc(10 + 200_000);
  tag.write('ID3\x04\x00\x00', 'latin1');
  for (let i = 0; i < 4; i++) tag[6 + i] = (200_000 >> (21 - 7 * i)) & 0x7f;
  const decoded = await readAudioFile(file('tagged.mp3', Buffer.concat([tag, plain])));
  assert.ok(correlation(decoded, await readAudioFile(wav)) > 0.99);
});

test('Ogg streams chained one after the other are read through', { skip }, async () => {
  for (const kind of KINDS.filter(({ name }) => name.includes('Ogg'))) {
    const another = encode(original(kind.rate), kind); // with a serial number of its own
    const chain = Buffer.concat([readFileSync(encoded(kind)), readFileSync(another)]);
    const decoded = await readAudioFile(file('chain.ogg', chain));
    assert.ok(Math.abs(decoded.length - 48_000) <= 2, `${kind.name}: ${decoded.length} samples`);
    assert.ok(correlation(decoded.subarray(24_000), decoded.subarray(0, 24_000)) > 0.99, kind.name);
  }
});

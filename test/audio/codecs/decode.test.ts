import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeFile } from '../../../src/audio/codecs/decode.js';
import { writeWav } from '../../../src/audio/codecs/wav.js';
import { FileSource, readAudioFile } from '../../../src/audio/file-source.js';
import { WakegateError } from '../../../src/errors.js';
import { correlation, voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { chunk, fmt, riff, wavBytes } from '../../support/wav-bytes.js';

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
  const readable = /WAV .*AIFF, FLAC, MP3, Ogg .*WebM with Opus are read/;
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
  await assert.rejects(
    readAudioFile(file('a.m4a', m4a)),
    fault('WG_AUDIO_UNSUPPORTED', /M4A or MP4.*ffmpeg -i/),
  );
  await assert.rejects(
    readAudioFile(file('a.aac', Buffer.from('fff15080', 'hex'))),
    fault('WG_AUDIO_UNSUPPORTED', /AAC/),
  );
  await assert.rejects(
    readAudioFile(file('a.caf', 'caff0000desc')),
    fault('WG_AUDIO_UNSUPPORTED', /Core Audio/),
  );
});

test('what is no audio is named, where it is sent in the place of a file by mistake', async () => {
  const wav = writeWav(new Int16Array(100), 16_000);
  for (const [content, says] of [
    ['\n<!doctype html><html>404</html>', /is HTML or XML, not audio: send the bytes/],
    ['{"audioContent": "UklGR..."}', /is JSON/],
    [wav.toString('base64'), /is text in base64/],
    [`data:audio/wav;base64,${wav.toString('base64')}`, /is a data URL/],
    [Buffer.from('RIFF\xff\xff\0\0AVI LIST', 'latin1'), /is AVI audio, which is not read.*ffmpeg/],
    [Buffer.from('riff\x2e\x91\xcf\x11', 'latin1'), /is Wave64 audio/],
  ] as const) {
    await assert.rejects(readAudioFile(file('mistake', content)), fault('WG_AUDIO_UNSUPPORTED', says));
  }
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
    minCorrelation: 1 - 1e-9,
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
  {
    name: 'WebM with Opus',
    extension: 'webm',
    encoder: ['-c:a', 'libopus', '-b:a', '64k'],
    rate: 48_000,
    minCorrelation: 0.99,
  },
  {
    name: 'A-law in WAV',
    extension: 'wav',
    encoder: ['-c:a', 'pcm_alaw'],
    rate: 8000,
    minCorrelation: 0.999,
  },
  {
    name: 'mu-law in WAV',
    extension: 'wav',
    encoder: ['-c:a', 'pcm_mulaw'],
    rate: 8000,
    minCorrelation: 0.999,
  },
  ...['s8', 's16be', 's24be', 's32be', 'f32be', 'f64be', 'alaw', 'mulaw', 's16le'].map((codec) => ({
    name: `AIFF of ${codec}`,
    extension: 'aiff',
    encoder: ['-c:a', `pcm_${codec}`],
    rate: 22_050,
    minCorrelation: codec === 's8' ? 0.99 : 0.999,
  })),
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
    // Matroska tells in another place how much of its last packet is padding: less than a packet of 20 ms.
    const spare = kind.extension === 'webm' ? 320 : 1;
    assert.ok(Math.abs(decoded.length - wanted.length) <= spare, `${decoded.length} samples`);
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

for (const kind of KINDS.filter(({ extension }) => /^(flac|og.|opus)$/.test(extension))) {
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

test('what there is of a cut file is heard, with a sentence at the end', { skip }, async () => {
  for (const kind of KINDS) {
    const whole = readFileSync(encoded(kind));
    const path = file(`cut-late.${kind.extension}`, whole.subarray(0, Math.floor(whole.length * 0.9)));
    const source = new FileSource(path);
    let samples = 0;
    for await (const chunk of source) samples += chunk.samples.length;
    assert.ok(samples > 6000, `${kind.name}: ${samples} samples`);
    assert.match(source.warning ?? '', /cut off; what there is was heard/, kind.name);
  }
});

test('FLAC gives the samples that ffmpeg gives, of every width and with many channels', {
  skip,
}, async () => {
  for (const [format, codec] of [
    ['s16', 'pcm_s16le'],
    ['s32', 'pcm_s32le'],
  ]) {
    for (const channels of ['1', '2', '6']) {
      for (const level of ['0', '12']) {
        const extra = [
          '-ac',
          channels,
          '-sample_fmt',
          format,
          '-compression_level',
          level,
          '-frame_size',
          '4608',
        ];
        const flac = encode(original(44_100), KINDS[1], extra);
        const wav = join(folder, 'golden.wav');
        assert.equal(spawnSync('ffmpeg', ['-v', 'error', '-y', '-i', flac, '-c:a', codec, wav]).status, 0);
        assert.deepEqual(
          await readAudioFile(flac),
          await readAudioFile(wav),
          `${format}, ${channels} channels`,
        );
      }
    }
  }
});

test('one channel of several can be heard alone, in every kind of file', { skip }, async () => {
  const rate = 16_000;
  const left = voice(rate, 1);
  const both = Float64Array.from({ length: 2 * left.length }, (_, i) =>
    i % 2 === 0 ? left[i >> 1] / 32_768 : 0,
  );
  const stereo = file('stereo.wav', wavBytes(both, { tag: 1, bits: 16, rate, channels: 2 }));
  const paths = [stereo, ...KINDS.filter((kind) => kind.rate === rate).map((kind) => encode(stereo, kind))];
  for (const path of paths) {
    const energy = { 0: 0, 1: 0, 2: 0 };
    for (const channel of [0, 1, 2] as const) {
      for await (const { samples } of new FileSource(path, { channel })) {
        for (const sample of samples) energy[channel] += sample * sample;
      }
    }
    assert.ok(energy[2] < energy[1] / 1000, path);
    assert.ok(Math.abs(energy[0] / energy[1] - 0.25) < 0.02, path);
    await assert.rejects(
      async () => {
        for await (const _ of new FileSource(path, { channel: 3 }));
      },
      fault('WG_USAGE', /no channel 3: it has 2/),
    );
  }
});

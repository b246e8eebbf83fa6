import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { writeWav } from '../src/audio/index.js';
import { type AudioInput, type FileReport, KeywordSpotter, type SpotterDetection } from '../src/index.js';
import { s16le } from './support/signals.js';
import { spokenWords } from './support/spoken-words.js';
import { temporaryFolder } from './support/temp-folder.js';

const folder = temporaryFolder();
const WAV = join(folder, 'words.wav');
const RAW = join(folder, 'words.raw');
const WORDS = ['alexa', 'computer', 'jarvis'];

let spotter: KeywordSpotter;
let samples: Int16Array;
/** 48 kHz stereo, in [-1, 1]. */
let stereo: Float32Array;

before(async () => {
  spotter = await KeywordSpotter.load({ backend: 'wasm' });
  ({ samples } = await spokenWords(3));
  stereo = asStereo(samples);
  writeFileSync(WAV, writeWav(samples, 16_000));
  writeFileSync(RAW, s16le(samples));
});
after(() => spotter.close());

/** By linear interpolation; the two channels average to it. */
function asStereo(mono: Int16Array): Float32Array {
  const frames = new Float32Array(2 * 3 * mono.length);
  for (let i = 0; i < 3 * mono.length; i++) {
    const at = Math.floor(i / 3);
    const next = mono[Math.min(at + 1, mono.length - 1)];
    const value = (mono[at] + ((i % 3) / 3) * (next - mono[at])) / 32_768;
    frames[2 * i] = 1.5 * value;
    frames[2 * i + 1] = 0.5 * value;
  }
  return frames;
}

function* cut<Part>(
  whole: { readonly length: number; subarray(from: number, to: number): Part },
  size: number,
) {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

const keywords = (detections: readonly { readonly keyword: string }[]) =>
  detections.map(({ keyword }) => keyword);

async function heardIn(heard: AsyncIterable<SpotterDetection>): Promise<string[]> {
  const found: string[] = [];
  for await (const { keyword } of heard) found.push(keyword);
  return found;
}

describe('detect takes', () => {
  let expected: FileReport;
  before(async () => {
    expected = await spotter.detect(WAV);
    assert.deepEqual(keywords(expected.detections), WORDS);
    assert.equal(expected.file, WAV);
    assert.equal(expected.seconds, 6);
  });

  const web = () => new Blob([readFileSync(WAV)]).stream();
  const inputs: Readonly<Record<string, () => AudioInput>> = {
    'the URL of a file': () => pathToFileURL(WAV),
    'the bytes of a file': () => readFileSync(WAV),
    'an ArrayBuffer': () => new Uint8Array(readFileSync(WAV)).buffer,
    'a Blob': () => new Blob([readFileSync(WAV)]),
    'a Node stream of a file': () => createReadStream(WAV),
    'a web stream of a file': () => web() as AsyncIterable<Uint8Array>,
    samples: () => samples,
    'pieces of samples': () => cut(samples, 1001),
    'a list of pieces': () => [...cut(samples, 30_000)],
    chunks: () => [{ samples, startSample: 0 }],
    'samples of another realm, as in some test runners': () =>
      runInNewContext('Int16Array.from(samples)', { samples: [...samples] }),
  };
  for (const [what, input] of Object.entries(inputs)) {
    test(what, async () => {
      const { detections, scores, seconds } = await spotter.detect(input());
      assert.deepEqual(
        { detections, scores, seconds },
        { detections: expected.detections, scores: expected.scores, seconds: 6 },
      );
    });
  }

  test('raw bytes and files of raw bytes, with a format', async () => {
    const format = { rate: 16_000 };
    for (const input of [RAW, readFileSync(RAW), createReadStream(RAW, { highWaterMark: 1001 })]) {
      const { detections } = await spotter.detect(input, format);
      assert.deepEqual(detections, expected.detections);
    }
  });

  test('floats of 48 kHz stereo', async () => {
    const { detections, seconds } = await spotter.detect(stereo, { rate: 48_000, channels: 2 });
    assert.deepEqual(keywords(detections), WORDS);
    assert.equal(seconds, 6);
  });

  test('a name for the report, and reports the scores on the way', async () => {
    let positions = 0;
    const onScores = ({ scores }: { scores: Readonly<Record<string, number>> }) => {
      positions++;
      assert.equal(Object.keys(scores).length, 8);
    };
    const { file } = await spotter.detect(samples, { name: 'three words', onScores });
    assert.equal(file, 'three words');
    assert.ok(positions > 20);
    const { file: ofFile } = await spotter.detect(new File([readFileSync(WAV)], 'kitchen.wav'));
    assert.equal(ofFile, 'kitchen.wav');
  });

  test('a signal', async () => {
    const reason = new Error('enough');
    await assert.rejects(spotter.detect(WAV, { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    function* aborting() {
      yield samples;
      controller.abort(reason);
      yield samples;
    }
    await assert.rejects(spotter.detect(aborting(), { signal: controller.signal }), reason);
  });
});

describe('listen takes', () => {
  test('blocks of floats at 48 kHz stereo, as from Web Audio', async () => {
    const heard = spotter.listen(cut(stereo, 256), { rate: 48_000, channels: 2 });
    assert.deepEqual(await heardIn(heard), WORDS);
  });

  test('one channel of two', async () => {
    const only = Float32Array.from(stereo, (value, i) =>
      i % 2 === 0 ? value / 1.5 : 0.3 * Math.sin(i / 20),
    );
    const heard = spotter.listen([only], { rate: 48_000, channels: 2, channel: 1 });
    assert.deepEqual(await heardIn(heard), WORDS);
  });

  test('floats that are not numbers as silence', async () => {
    const floats = Float32Array.from(samples, (sample) => sample / 32_768);
    for (let i = 0; i < 16_000; i += 100) floats[i] = Number.NaN;
    floats[100] = Number.POSITIVE_INFINITY;
    assert.deepEqual((await heardIn(spotter.listen(floats))).slice(1), WORDS.slice(1));
  });

  test('the bytes of a file as they come', async () => {
    assert.deepEqual(await heardIn(spotter.listen(createReadStream(WAV))), WORDS);
  });

  test('nothing, and then hears nothing', async () => {
    assert.deepEqual(await heardIn(spotter.listen([])), []);
  });
});

describe('a stream of a spotter', () => {
  test('hears what is piped into it, and finishes after the last detection', async () => {
    const events: string[] = [];
    const stream = spotter
      .stream({ rate: 48_000, channels: 2 })
      .on('detection', ({ keyword }) => events.push(keyword))
      .once('gate', ({ open }) => events.push(open ? 'open' : 'shut'))
      .on('finish', () => events.push('finish'));
    const bytes = s16le(Int16Array.from(stereo, (value) => Math.round(value * 32_767)));
    Readable.from(cut(bytes, 1001)).pipe(stream);
    await once(stream, 'close');
    assert.deepEqual(events, ['open', ...WORDS, 'finish']);
    assert.ok(stream.account().openings > 0);
  });

  test('takes typed samples and files', async () => {
    for (const [pieces, format] of [
      [cut(stereo, 960), { rate: 48_000, channels: 2 }],
      [cut(samples, 1280), {}],
      [createReadStream(WAV), {}],
    ] as const) {
      const heard: string[] = [];
      const stream = spotter.stream(format).on('detection', ({ keyword }) => heard.push(keyword));
      await pipeline(Readable.from(pieces), stream);
      assert.deepEqual(heard, WORDS);
    }
  });

  test('holds its writer back', async () => {
    const stream = spotter.stream({ rate: 16_000 });
    let writes = 0;
    while (stream.write(samples)) writes++;
    assert.ok(writes < 10);
    const closed = new Promise((resolve) => stream.on('close', resolve));
    stream.destroy();
    await closed;
  });

  test('is destroyed with an error where what is written is not audio, and the spotter continues', async () => {
    const failing = async (format: object, piece: unknown) => {
      const stream = spotter.stream(format);
      const failed = new Promise<NodeJS.ErrnoException>((resolve) => stream.on('error', resolve));
      stream.write(piece);
      const error = await failed;
      assert.ok(stream.destroyed);
      return error;
    };
    assert.equal((await failing({ rate: 16_000 }, 'text')).code, 'WG_USAGE');
    assert.equal((await failing({ channels: 2 }, new Int16Array(3))).code, 'WG_USAGE');
    const spoken = spotter.stream();
    const heard: string[] = [];
    spoken.on('detection', ({ keyword }) => heard.push(keyword));
    await pipeline([samples], spoken);
    assert.deepEqual(heard, WORDS);
  });
});

describe('of audio that cannot be, it is said', () => {
  const wrong: readonly (readonly [what: string, input: unknown, format: object, message: RegExp])[] = [
    ['no audio', 42, {}, /a number is not audio: give a path/],
    ['nothing', undefined, {}, /undefined is not audio/],
    ['other arrays', new Float64Array(4), {}, /Float64Array/],
    ['lists of numbers', [0, 1, 2], {}, /a piece of the audio is a number: give Int16Array/],
    ['samples in the units of int16', new Float32Array([1000]), {}, /outside \[-1, 1\]: divide/],
    ['half a frame', new Int16Array(3), { channels: 2 }, /whole frames of 2 channels/],
    ['a rate', new Int16Array(3), { rate: 441 }, /441 Hz/],
    ['a number of channels', new Int16Array(3), { channels: 9 }, /9 channels/],
    ['pieces of two kinds', [new Int16Array(3), new Uint8Array(2)], {}, /Uint8Array.*one kind/],
    ['a chunk without a number', [{ samples: new Int16Array(3) }], {}, /startSample/],
    ['a chunk of floats', [{ samples: new Float32Array(3), startSample: 0 }], {}, /Int16Array at 16 kHz/],
    ['the URL of a site', new URL('https://example.org/a.wav'), {}, /fetch it yourself/],
  ];
  for (const [what, input, format, message] of wrong) {
    test(what, async () => {
      const expected = { code: 'WG_USAGE', message };
      await assert.rejects(async () => spotter.detect(input as AudioInput, format), expected);
      await assert.rejects(async () => heardIn(spotter.listen(input as AudioInput, format)), expected);
    });
  }

  test('of raw bytes whose format was not given, and files that are not there or are empty', async () => {
    await assert.rejects(spotter.detect(readFileSync(RAW)), {
      code: 'WG_AUDIO_UNSUPPORTED',
      message: /declare their format: \{ rate: 16000/,
    });
    await assert.rejects(spotter.detect(join(folder, 'no.wav')), { code: 'WG_INPUT_NOT_FOUND' });
    await assert.rejects(spotter.detect(join(folder, 'no.raw'), { rate: 16_000 }), {
      code: 'WG_INPUT_NOT_FOUND',
    });
    await assert.rejects(spotter.detect(new Int16Array(0)), { code: 'WG_AUDIO_EMPTY' });
    await assert.rejects(spotter.detect(new Uint8Array(0)), { code: 'WG_AUDIO_EMPTY' });
  });
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readAudioFile } from '../../src/audio/index.js';
import { newKernels } from '../../src/simd/index.js';
import { dataDirectory } from '../../src/training/corpus/corpus.js';
import { readManifest } from '../../src/training/corpus/manifest.js';
import type { Clips, Listened } from '../support/listen-process.js';
import { speech } from '../support/speech.js';
import { temporaryFolder } from '../support/temp-folder.js';

const PROCESS = fileURLToPath(new URL('../support/listen-process.js', import.meta.url));
const CLOSE = 1e-3;
const MOST_SAMPLES = 4 * 16_000;
/** Recordings of each kind: all of them take minutes, see bench:simd. */
const COUNTS: Readonly<Record<string, number>> = { word: 16, speech: 4, music: 3, noise: 3 };

const skip = newKernels() === null && 'this processor has no SIMD for WebAssembly';

interface Clip {
  readonly name: string;
  readonly samples: Int16Array;
}

describe('with SIMD, the same is decided as on the reference path', { skip }, () => {
  const folder = temporaryFolder();

  /** By plain typed arrays and TensorFlow.js, and by our own kernels. */
  const listenTwice = async (clips: readonly Clip[]) => {
    const path = join(folder, 'clips.pcm');
    await writeFile(
      path,
      Buffer.concat(clips.map(({ samples }) => new Uint8Array(Int16Array.from(samples).buffer))),
    );
    const of: Clips = { path, clips: clips.map(({ name, samples }) => ({ name, length: samples.length })) };
    const listen = async (simd: 'on' | 'off') => {
      const env = { ...process.env, WAKEGATE_SIMD: simd };
      const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, JSON.stringify(of)], { env });
      return JSON.parse(stdout) as Listened;
    };
    const [reference, simd] = [await listen('off'), await listen('on')];
    assert.notEqual(reference.backend, 'simd');
    assert.equal(simd.backend, 'simd');
    return clips.map((_, i) => [reference.clips[i], simd.clips[i]]);
  };

  const compare = async (clips: readonly Clip[]) => {
    let detections = 0;
    for (const [reference, simd] of await listenTwice(clips)) {
      const { name } = reference;
      assert.deepEqual(simd.gate, reference.gate, `${name}: the gate`);
      assert.deepEqual(
        simd.detections.map(({ what }) => what),
        reference.detections.map(({ what }) => what),
        `${name}: what is detected, and when`,
      );
      for (const [i, { score }] of reference.detections.entries())
        assert.ok(Math.abs(simd.detections[i].score - score) < CLOSE, `${name}: the score of a detection`);
      for (const [what, score] of Object.entries(reference.scores))
        assert.ok(
          Math.abs(simd.scores[what] - score) < CLOSE,
          `${name}: ${what}: ${score} and ${simd.scores[what]}`,
        );
      detections += reference.detections.length;
    }
    return detections;
  };

  test('on synthesized speech', async () => {
    const sentences = [
      'alexa, what will the weather be like?',
      'the computer said that jarvis is in the garden',
    ];
    const spoken = await Promise.all(sentences.map((sentence) => speech(sentence)));
    const clips = spoken.map((samples, i) => ({
      name: sentences[i],
      samples: samples.subarray(0, MOST_SAMPLES),
    }));
    const sample = (await readAudioFile('samples/demo.wav')).subarray(0, 10 * 16_000);
    const detections = await compare([...clips, { name: 'samples/demo.wav', samples: sample }]);
    assert.ok(detections >= 2, 'words are detected in it');
  });

  const hasRecordings = existsSync(join(dataDirectory(), 'manifest.csv'));
  const without = !hasRecordings && `there are no recordings in ${dataDirectory()}`;
  test('on recordings of every kind', { skip: without }, async () => {
    const rows = (await readManifest(join(dataDirectory(), 'manifest.csv'))).filter(
      ({ split }) => split === 'dev',
    );
    const clips: Clip[] = [];
    for (const [kind, count] of Object.entries(COUNTS)) {
      const all = rows.filter((row) => row.kind === kind);
      const every = Math.max(1, Math.floor(all.length / count));
      for (const { file } of all.filter((_, i) => i % every === 0).slice(0, count))
        clips.push({ name: file, samples: (await readAudioFile(file)).subarray(0, MOST_SAMPLES) });
    }
    assert.ok((await compare(clips)) > 0, 'words are detected in some');
  });
});

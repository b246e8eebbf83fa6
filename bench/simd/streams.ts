import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAudioFile } from '../../src/audio/index.js';
import { dataDirectory } from '../../src/training/corpus/corpus.js';
import { readManifest } from '../../src/training/corpus/manifest.js';
import { joined, type Line } from '../measure.js';

const TURNS = 3;
/** CPU milliseconds per second of audio. */
const BARS = { speech: 0.4, music: 0.8, noise: 0.4 };
const RATE = 16_000;

/** The whole pipeline, classifier included, on each kind of sound: with SIMD and without in turns, each in a process of its own. */
export async function benchStreams(model: string, seconds: number): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-simd-'));
  const rows = (await readManifest(join(dataDirectory(), 'manifest.csv'))).filter(
    ({ split }) => split === 'dev',
  );
  const lines: Line[] = [];
  try {
    for (const [kind, atMost] of Object.entries(BARS)) {
      const clips: Int16Array[] = [];
      let length = 0;
      for (const { file } of rows.filter((row) => row.kind === kind)) {
        if (length >= seconds * RATE) break;
        clips.push(await readAudioFile(file));
        length += clips.at(-1)!.length;
      }
      const path = join(folder, `${kind}.pcm`);
      const samples = joined(clips, seconds * RATE);
      await writeFile(path, new Uint8Array(samples.buffer));
      const [simd, plain] = inTurns(model, path);
      lines.push({
        name: `whole pipeline, ${kind}`,
        value: simd / seconds,
        unit: 'ms/s',
        bar: { atMost },
        detail: `CPU of all threads; ${(plain / seconds).toFixed(3)} without SIMD, ${(plain / simd).toFixed(2)} times as much; ${seconds} s of dev`,
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return lines;
}

/** @returns the least CPU milliseconds with SIMD, and without */
function inTurns(model: string, path: string): [number, number] {
  const stream = fileURLToPath(new URL('stream.js', import.meta.url));
  const cost = (simd: string) =>
    Number(
      execFileSync(process.execPath, [stream, model, path], {
        env: { ...process.env, WAKEGATE_SIMD: simd },
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
      }),
    );
  let simd = Number.POSITIVE_INFINITY;
  let plain = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < TURNS; turn++) {
    simd = Math.min(simd, cost('on'));
    plain = Math.min(plain, cost('off'));
  }
  return [simd, plain];
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath, readAudioFile, SAMPLE_RATE } from '../../audio/index.js';
import { asBytes } from '../array-bytes.js';

export type CodecName = 'opus' | 'mp3';

const ENCODERS = {
  opus: { encoder: 'libopus', file: 'sound.opus', settings: ['-vbr', 'on', '-application', 'voip'] },
  mp3: { encoder: 'libmp3lame', file: 'sound.mp3', settings: [] },
} as const;

/** Why no sound can be encoded here, or null where it can. */
export function whyNoCodec(): string | null {
  return findOnPath('ffmpeg') ? null : 'ffmpeg is not installed (apt-get install ffmpeg)';
}

/** Encoded by ffmpeg, and decoded by our own decoder. As long as before; MP3 may move it by some milliseconds. */
export async function throughCodec(samples: Int16Array, codec: CodecName, kbps: number): Promise<Int16Array> {
  const { encoder, file, settings } = ENCODERS[codec];
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-codec-'));
  try {
    const path = join(folder, file);
    const input = ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', 'pipe:0'];
    const output = ['-c:a', encoder, '-b:a', `${kbps}k`, ...settings, '-threads', '1', path];
    await runFfmpeg(['-hide_banner', '-loglevel', 'error', ...input, ...output], samples);
    const decoded = await readAudioFile(path);
    const out = new Int16Array(samples.length);
    out.set(decoded.subarray(0, samples.length));
    return out;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runFfmpeg(args: readonly string[], samples: Int16Array): Promise<void> {
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  child.stdin.on('error', () => {}); // it may end without reading
  child.stdin.end(asBytes(samples));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${said.trim().split('\n').at(-1) ?? ''}`);
}

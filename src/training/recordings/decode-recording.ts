import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath, readAudioFile } from '../../audio/index.js';
import { WakegateError } from '../../errors.js';
import { CorpusMissing } from './corpus-source.js';

const run = promisify(execFile);

/**
 * A recording at 16 kHz, by our own decoders, or by ffmpeg for G.722, which they do not read. Null for what cannot be decoded.
 *
 * @param folder for a file that is deleted again
 * @throws CorpusMissing where it takes ffmpeg, and there is none
 */
export async function decodeRecording(
  bytes: Buffer,
  path: string,
  folder: string,
): Promise<Int16Array | null> {
  const file = join(folder, `decoding-${process.pid}${extname(path)}`);
  const files = [file];
  try {
    await writeFile(file, bytes);
    if (extname(path) !== '.g722') return await readAudioFile(file);
    if (!findOnPath('ffmpeg')) {
      throw new CorpusMissing(`${basename(path)} is G.722, which takes ffmpeg: apt-get install ffmpeg`);
    }
    files.push(`${file}.wav`);
    const quiet = ['-hide_banner', '-loglevel', 'error', '-y'];
    await run('ffmpeg', [...quiet, '-f', 'g722', '-i', file, '-ac', '1', '-ar', '16000', files[1]]);
    return await readAudioFile(files[1]);
  } catch (error) {
    // Another error than about this recording, such as a full disk, is for all of them.
    if (error instanceof WakegateError && error.code.startsWith('WG_AUDIO_')) return null;
    throw error;
  } finally {
    for (const made of files) await rm(made, { force: true });
  }
}

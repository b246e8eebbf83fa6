import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAudioFile } from '../../src/audio/index.js';

const SAMPLE = fileURLToPath(new URL('../../../samples/demo.wav', import.meta.url));

/**
 * Synthesized speech, 16 kHz: `text` by espeak-ng where that is installed, else the bundled sample, which flite and
 * espeak-ng spoke.
 */
export async function speech(text: string): Promise<Int16Array> {
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-speech-'));
  try {
    const path = join(folder, 'speech.wav');
    execFileSync('espeak-ng', ['-v', 'en-us', '-w', path, text], { stdio: 'ignore' });
    return await readAudioFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return readAudioFile(SAMPLE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

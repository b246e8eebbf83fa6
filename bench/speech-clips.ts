import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readAudioFile } from '../src/audio/index.js';
import { SAMPLE_FILE } from './paths.js';

export interface Speech {
  /** At 16 kHz. */
  readonly clips: readonly Int16Array[];
  /** For people. */
  readonly what: string;
}

/** Read speech of the recordings, where they are; else the synthesized voices of the bundled sample. */
export async function speechClips(most: number): Promise<Speech> {
  const folder = join(process.env.WAKEGATE_DATA ?? '../shared/data', 'audio/dev/librispeech/speech');
  if (!existsSync(folder)) return { clips: [await readAudioFile(SAMPLE_FILE)], what: 'synthesized speech' };
  const files = readdirSync(folder).sort().slice(0, most);
  return {
    clips: await Promise.all(files.map((file) => readAudioFile(join(folder, file)))),
    what: 'read speech',
  };
}

import { readAudioFile } from '../../audio/index.js';
import { WakegateError } from '../../errors.js';
import { checkAudible } from './check-recordings.js';
import type { Clip } from './corpus.js';
import { type Recording, readManifest, SPLITS } from './manifest.js';

/**
 * Decodes the recordings of a split, or of all, that manifests name. Their paths are where the files are.
 *
 * @throws WakegateError WG_DATA_INVALID where the manifest is wrong, WG_AUDIO_INVALID or another WG_AUDIO_* where a file cannot be decoded
 */
export async function readClips(
  manifests: string | readonly string[],
  split: Recording['split'] | 'all',
): Promise<Clip[]> {
  const all: Recording[] = [];
  for (const manifest of [manifests].flat()) all.push(...(await readManifest(manifest)));
  const chosen = all.filter((recording) => split === 'all' || recording.split === split);
  if (chosen.length === 0) {
    const there = SPLITS.filter((name) => all.some((recording) => recording.split === name)).join(', ');
    throw new WakegateError(
      'WG_DATA_INVALID',
      `${[manifests].flat().join(' and ')} has no recording in split ${split}: there is ${there}; choose with --split`,
    );
  }
  const clips: Clip[] = [];
  for (const { file, ...recording } of chosen) {
    const samples = await readAudioFile(file);
    // Code that works on decoded clips does not distinguish dev from test.
    clips.push({ ...recording, path: file, split: recording.split === 'train' ? 'train' : 'dev', samples });
  }
  checkAudible(clips);
  return clips;
}

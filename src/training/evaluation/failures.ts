import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SAMPLE_RATE, writeWav } from '../../audio/index.js';
import { csvLine } from '../corpus/csv.js';
import type { HeardClips } from './hear-all.js';
import type { Heard } from './rates.js';

/** What is cut out around a false accept, in seconds before and after the end of the sound that completed it. */
const BEFORE_SECONDS = 2;
const AFTER_SECONDS = 0.5;

/**
 * Writes what went wrong into a folder, so that anyone can listen to it: `missed.csv` with the keyword clips that were missed in
 * each condition, `false-accepts.csv` with every detection where there is no keyword, and the sound of each as a WAV file:
 * of a missed clip as it sounds in its condition, of a false accept the two seconds before it.
 *
 * @returns the paths of the lists
 */
export async function writeFailures(
  { conditions, others, byKind }: HeardClips,
  folder: string,
): Promise<string[]> {
  const missed = [
    csvLine([
      'condition',
      'keyword',
      'path',
      'corpus',
      'speaker',
      'seconds',
      'lost_at',
      'best_score',
      'detected_instead',
      'sound',
    ]),
  ];
  for (const [condition, heard] of Object.entries(conditions)) {
    for (const one of heard.filter(({ clip, keywords }) => !keywords.includes(clip.label))) {
      const { label, path, corpus, speaker, samples } = one.clip;
      const sound = join('missed', condition, `${plain(label)}-${number(missed.length)}.wav`);
      await writeSound(join(folder, sound), samples);
      const { account } = one;
      missed.push(
        csvLine([
          condition,
          label,
          path,
          corpus,
          speaker,
          seconds(samples.length),
          lostAt(one),
          (account.scores[label] ?? 0).toFixed(4),
          one.keywords.join(' '),
          sound,
        ]),
      );
    }
  }
  const accepts = [
    csvLine(['keyword', 'score', 'path', 'at_seconds', 'kind', 'label', 'corpus', 'speaker', 'sound']),
  ];
  for (const one of [...Object.values(byKind).flat(), ...others]) await writeAccepts(one, folder, accepts);
  const lists = [
    [join(folder, 'missed.csv'), missed],
    [join(folder, 'false-accepts.csv'), accepts],
  ] as const;
  for (const [path, lines] of lists) {
    await mkdir(folder, { recursive: true });
    await writeFile(path, lines.join(''));
  }
  return lists.map(([path]) => path);
}

/** The last stage that a missed keyword came to. */
function lostAt({ clip, account, looks }: Heard): string {
  if (account.openings === 0) return 'gate';
  return looks.some(({ keyword }) => keyword === clip.label) ? 'second look' : 'classifier';
}

async function writeAccepts({ clip, detections }: Heard, folder: string, lines: string[]): Promise<void> {
  for (const { keyword, score, sample } of detections) {
    const sound = join('false-accepts', `${plain(keyword)}-${number(lines.length)}.wav`);
    const from = Math.max(0, sample - BEFORE_SECONDS * SAMPLE_RATE);
    await writeSound(join(folder, sound), clip.samples.subarray(from, sample + AFTER_SECONDS * SAMPLE_RATE));
    const { path, kind, label, corpus, speaker } = clip;
    lines.push(
      csvLine([keyword, score.toFixed(4), path, seconds(sample), kind, label, corpus, speaker, sound]),
    );
  }
}

async function writeSound(path: string, samples: Int16Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, writeWav(samples, SAMPLE_RATE));
}

function seconds(samples: number): string {
  return (samples / SAMPLE_RATE).toFixed(2);
}

function number(count: number): string {
  return String(count).padStart(4, '0');
}

/** As part of a file name. */
function plain(label: string): string {
  return label.replace(/[^\p{L}\p{N}_-]/gu, '_');
}

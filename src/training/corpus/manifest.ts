import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WakegateError } from '../../errors.js';
import { readText } from '../../read-text.js';
import { parseCsv } from './csv.js';

export const SPLITS = ['train', 'dev', 'test'] as const;
export const KINDS = ['word', 'speech', 'noise', 'music'] as const;

/** One recording as a manifest names it. */
export interface Recording {
  /** As in the manifest. */
  readonly path: string;
  /** Where the file is. */
  readonly file: string;
  readonly split: (typeof SPLITS)[number];
  readonly kind: (typeof KINDS)[number];
  /** The word; of other kinds, the kind again. */
  readonly label: string;
  readonly corpus: string;
  /** Empty where unknown. */
  readonly speaker: string;
}

export const COLUMNS = ['path', 'split', 'kind', 'label', 'corpus', 'speaker'] as const;
const NAMED_AT_MOST = 3;

/**
 * Reads a list of recordings: CSV with a header, whose columns path, split, kind, label, corpus and speaker are used, in any
 * order. Other columns are ignored. Paths are relative to the manifest.
 *
 * @throws WakegateError WG_DATA_INVALID where there is no such file, a column is missing, a line does not fit, or recordings
 *   are named that are not there
 */
export async function readManifest(manifest: string): Promise<Recording[]> {
  let text: string;
  try {
    text = await readText(manifest);
  } catch (cause) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      `no manifest can be read at ${manifest}: name a CSV file with the columns ${COLUMNS.join(', ')}`,
      { cause },
    );
  }
  const [header = [], ...lines] = parseCsv(text);
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      `${manifest} has no column ${missing.join(', ')}: its first line names ${header.join(', ') || 'nothing'}, ` +
        `and it needs ${COLUMNS.join(', ')}`,
    );
  }
  const recordings = lines.map((cells, i) =>
    recordingOf(cells, header, `${manifest}, line ${i + 2}`, manifest),
  );
  if (recordings.length === 0) {
    throw new WakegateError('WG_DATA_INVALID', `${manifest} names no recording: add a line for each`);
  }
  await checkThere(recordings, manifest);
  return recordings;
}

function recordingOf(
  cells: readonly string[],
  header: readonly string[],
  where: string,
  manifest: string,
): Recording {
  if (cells.length !== header.length) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      `${where}: ${cells.length} cells where the first line names ${header.length}`,
    );
  }
  const cell = (column: (typeof COLUMNS)[number]) => cells[header.indexOf(column)].trim();
  const oneOf = <T extends string>(column: 'split' | 'kind', known: readonly T[]): T => {
    const value = cell(column);
    if ((known as readonly string[]).includes(value)) return value as T;
    throw new WakegateError(
      'WG_DATA_INVALID',
      `${where}: ${column} "${value}" is not known; it is one of ${known.join(', ')}`,
    );
  };
  const [path, label] = [cell('path'), cell('label')];
  for (const [column, value] of [
    ['path', path],
    ['label', label],
  ]) {
    if (value === '') throw new WakegateError('WG_DATA_INVALID', `${where}: its ${column} is empty`);
  }
  return {
    path,
    file: join(dirname(manifest), path),
    split: oneOf('split', SPLITS),
    kind: oneOf('kind', KINDS),
    label,
    corpus: cell('corpus'),
    speaker: cell('speaker'),
  };
}

async function checkThere(recordings: readonly Recording[], manifest: string): Promise<void> {
  const absent: string[] = [];
  for (const { file } of recordings) {
    await access(file).catch(() => absent.push(file));
  }
  if (absent.length === 0) return;
  const some = absent.slice(0, NAMED_AT_MOST).join(', ');
  const more = absent.length > NAMED_AT_MOST ? ` and ${absent.length - NAMED_AT_MOST} more` : '';
  throw new WakegateError(
    'WG_DATA_INVALID',
    `${manifest} names ${absent.length} of ${recordings.length} recordings that are not there: ${some}${more}; ` +
      'paths are relative to the manifest',
  );
}

import { buffer } from 'node:stream/consumers';
import { WakegateError } from '../errors.js';
import { decodeText, readText } from '../read-text.js';

/**
 * The files that a command line names, one by one or by a list of them.
 *
 * @param list path of a file with one path a line, or `-` for stdin
 * @throws WakegateError WG_USAGE where none is named, or both are given; WG_INPUT_NOT_FOUND for a list that
 *   cannot be read
 */
export async function namedFiles(files: readonly string[], list: string | undefined): Promise<string[]> {
  if (list === undefined) {
    if (files.length > 0) return [...files];
    throw new WakegateError('WG_USAGE', 'no file was given: name one or more, or use --list FILE');
  }
  if (files.length > 0) throw new WakegateError('WG_USAGE', 'name files or use --list, not both');
  const named = (await readList(list)).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (named.length > 0) return named;
  const name = list === '-' ? 'stdin' : list;
  throw new WakegateError('WG_USAGE', `${name} names no file: put one path on each line`);
}

async function readList(list: string): Promise<string> {
  if (list === '-') return decodeText(await buffer(process.stdin));
  try {
    return await readText(list);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new WakegateError('WG_INPUT_NOT_FOUND', `the list ${list} cannot be read: ${why}`, {
      cause: error,
    });
  }
}

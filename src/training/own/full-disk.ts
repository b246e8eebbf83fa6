import { statfs } from 'node:fs/promises';
import { WakegateError } from '../../errors.js';

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
/** Programs that speak only fail where the disk is full: less than a clip is left then. */
const LEAST_BYTES = 128 * 1024;

/**
 * Does `work`, which writes into `folder`.
 *
 * @throws WakegateError WG_STATE_UNUSABLE where the disk is full
 */
export async function onDisk<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // What a program speaks on a full disk is an empty file.
    if (error instanceof WakegateError && !code.startsWith('WG_AUDIO_')) throw error;
    const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: 1, bsize: LEAST_BYTES }));
    if (!FULL.includes(code) && bavail * bsize >= LEAST_BYTES) throw error;
    throw new WakegateError(
      'WG_STATE_UNUSABLE',
      `the disk is full (${folder} cannot be written): free some space, then run it again to continue`,
      { cause: error },
    );
  }
}

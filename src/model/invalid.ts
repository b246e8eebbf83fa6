import { WakegateError } from '../errors.js';

/**
 * A `WG_MODEL_INVALID` error: `file` of the pack, `key` in it (empty where the whole file is meant), what is wrong
 * with it, and what to do.
 */
export function invalidPack(
  file: string,
  key: string,
  problem: string,
  remedy: string,
  cause?: unknown,
): WakegateError {
  const where = key === '' ? file : `${file}, ${key}`;
  return new WakegateError('WG_MODEL_INVALID', `${where}: ${problem}; ${remedy}`, { cause });
}

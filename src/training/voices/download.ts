import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { WakegateError } from '../../errors.js';

export interface Download {
  /** http, https, or the path of a file. */
  readonly from: string;
  readonly to: string;
  readonly sha256: string;
  /** Without a byte for so long, the connection counts as lost. */
  readonly stalledMs?: number;
  readonly onBytes?: (bytes: number, of: number | null) => void;
}

const STALLED_MS = 60_000;
/** Connections that may break one after another without a byte between them. */
const MOST_FRUITLESS = 3;

/**
 * Downloads a file, unless it is there. What an interrupted download left in `to`.part is continued, where the server can.
 *
 * @throws WakegateError WG_DATA_INVALID where it cannot be had, or is not the file that `sha256` stands for
 */
export async function download(settings: Download): Promise<void> {
  const { from, to, sha256 } = settings;
  if ((await sha256Of(to)) === sha256) return;
  const part = `${to}.part`;
  if (/^https?:/.test(from)) await fetchInto(part, settings);
  else await copyFile(from, part).catch((cause) => fail(`${from} cannot be read`, cause));
  const found = await sha256Of(part);
  if (found !== sha256) {
    await rm(part, { force: true });
    fail(
      `${from} is another file than expected (sha256 ${found}, not ${sha256}): it was not kept; try another source`,
    );
  }
  await rename(part, to);
}

/** Of a file's content; null where there is no file. */
export async function sha256Of(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return hash.digest('hex');
}

async function fetchInto(part: string, settings: Download): Promise<void> {
  for (let fruitless = 0; ; ) {
    const before = await sizeOf(part);
    try {
      if (await fetchRest(part, before, settings)) return;
    } catch (cause) {
      if (cause instanceof WakegateError || isFull(cause)) throw cause;
      fruitless = (await sizeOf(part)) > before ? 0 : fruitless + 1;
      if (fruitless >= MOST_FRUITLESS) {
        fail(`${settings.from} cannot be downloaded (${reasonOf(cause)}): run it again to continue`, cause);
      }
    }
  }
}

/** @returns whether the file is whole */
async function fetchRest(
  part: string,
  have: number,
  { from, stalledMs = STALLED_MS, onBytes }: Download,
): Promise<boolean> {
  const aborter = new AbortController();
  const stalled = () => aborter.abort(new Error(`nothing came for ${stalledMs / 1000} s`));
  let timer = setTimeout(stalled, stalledMs);
  try {
    const headers = have > 0 ? { range: `bytes=${have}-` } : {};
    const response = await fetch(from, { headers, signal: aborter.signal });
    if (response.status === 416) {
      // All of it is there, or more than that: the hash will tell.
      await response.body?.cancel();
      return true;
    }
    if (!response.ok || !response.body)
      fail(`${from} cannot be downloaded: the server answers ${response.status}`);
    // A server that cannot continue begins from the start.
    let at = response.status === 206 ? have : 0;
    const length = response.headers.get('content-length');
    const of = length === null ? null : at + Number(length);
    const file = await open(part, at === 0 ? 'w' : 'a');
    try {
      for await (const piece of response.body!) {
        clearTimeout(timer);
        timer = setTimeout(stalled, stalledMs);
        await file.writeFile(piece);
        at += piece.length;
        onBytes?.(at, of);
      }
    } finally {
      await file.close();
    }
    return true;
  } finally {
    clearTimeout(timer);
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** What fetch says is "fetch failed"; its cause says why. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
}

function fail(sentence: string, cause?: unknown): never {
  throw new WakegateError('WG_DATA_INVALID', sentence, { cause });
}

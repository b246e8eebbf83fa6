import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onDisk } from './full-disk.js';

/** Between two looks whether the other one is done. */
const LOOK_MS = 1000;

/**
 * Does `work` when no other process makes a keyword with this folder: two at once would need twice the memory.
 *
 * @param onWait called once where another one is at it
 * @throws WakegateError WG_STATE_UNUSABLE where the disk is full
 */
export function withTurn<Result>(
  folder: string,
  onWait: () => void,
  work: () => Promise<Result>,
  lookMs = LOOK_MS,
): Promise<Result> {
  return onDisk(folder, () => inTurn(folder, onWait, work, lookMs));
}

async function inTurn<Result>(
  folder: string,
  onWait: () => void,
  work: () => Promise<Result>,
  lookMs: number,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'turn');
  for (let told = false; !(await isTaken(path)); ) {
    if (await isLeft(path)) continue;
    if (!told) onWait();
    told = true;
    await wait(lookMs);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Takes the turn. @returns whether it is ours now */
async function isTaken(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    await writeFile(own, await identityOf(process.pid));
    await link(own, path); // with its content, or not at all
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes the turn of a process that is no more. @returns whether it is free now */
async function isLeft(path: string): Promise<boolean> {
  const holder = await readFile(path, 'utf8').catch(() => null);
  if (holder === null) return true;
  if (holder !== '' && holder === (await identityOf(Number.parseInt(holder, 10)))) return false;
  await rm(path, { force: true });
  return true;
}

/** Number and start of a process, since numbers are used again, in a container soon; of a dead one nothing. */
async function identityOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat !== null) return `${pid} ${stat.slice(stat.lastIndexOf(')')).split(' ')[20]}`;
  return process.platform !== 'linux' && isAlive(pid) ? `${pid}` : '';
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { chmod, type FileHandle, link, lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WakegateError } from '../errors.js';
import { isoTime } from '../iso-time.js';

const NAME = 'wakegate.lock';
const LOCK = /(?:^|\/)wakegate\.lock(?:\.(\d{1,9}))?$/;
/** The address of a socket holds 107 bytes, of which a number takes some. A longer path is reached through its folder's descriptor. */
const MAX_PATH_BYTES = 85;
/** A holder that was stopped takes connections, but says nothing. */
const ANSWER_MS = 2000;
/** Others may be first, or be met, so often. */
const TRIES = 10;

/** What the holder of a lock says of itself. */
interface Holder {
  readonly pid?: number;
  readonly since?: string;
  readonly url?: string | null;
}

interface LockParts {
  readonly server: Server;
  readonly name: string;
  readonly folder: FileHandle | null;
  readonly identity: string | null;
}

/**
 * Keeps a state directory for one daemon: two would overwrite each other's changes. The lock is a socket in the
 * directory that its holder listens on. It ends with the process, however that ends. Where that leaves its name behind,
 * the next holder takes the name with the next number (`wakegate.lock`, `wakegate.lock.1`, ...), which only one can do,
 * and gives it back where it then meets another living one: no living one's name is ever moved or taken over.
 */
export class StateLock {
  /** Where the holder serves, for the one that wants the directory too. */
  url: string | null = null;
  readonly #server: Server;
  readonly #name: string;
  readonly #folder: FileHandle | null;
  /** Of the file that the name stands for. */
  readonly #identity: string | null;
  readonly #since = isoTime(Date.now());

  /**
   * @throws WakegateError WG_STATE_UNUSABLE where another daemon holds it, with its process number; the `cause` of it
   *   is an error of the system where no lock can be had there
   */
  static async take(directory: string): Promise<StateLock> {
    try {
      await mkdir(directory, { recursive: true });
      const folder = await openLong(directory);
      try {
        const { server, name } = await claim(reachable(directory, folder), directory);
        return new StateLock({ server, name, folder, identity: await identityOf(name) });
      } catch (error) {
        await folder?.close();
        throw error;
      }
    } catch (error) {
      if (error instanceof WakegateError) throw error;
      // The same each time that it is tried.
      const reason = (error as Error).message.replaceAll(/\S*wakegate\.lock-[0-9a-f]{8}/g, NAME);
      throw new WakegateError(
        'WG_STATE_UNUSABLE',
        `the state directory ${directory} cannot be locked: ${reason}`,
        { cause: error },
      );
    }
  }

  /** Whether it could be taken. @throws as {@link take} does where another daemon holds it */
  static async check(directory: string): Promise<void> {
    const folder = await openLong(directory).catch(() => null); // there is none yet
    try {
      await newestOf(reachable(directory, folder), directory);
    } finally {
      await folder?.close();
    }
  }

  private constructor({ server, name, folder, identity }: LockParts) {
    this.#server = server;
    this.#name = name;
    this.#folder = folder;
    this.#identity = identity;
    server.unref();
    server.on('error', () => {}); // such as too many open files: whoever asks then gets no answer
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.end(JSON.stringify({ pid: process.pid, since: this.#since, url: this.url } satisfies Holder));
    });
  }

  /** Whether its name still stands for it: not where the directory was removed, and perhaps made again. */
  async isHeld(): Promise<boolean> {
    return this.#identity !== null && (await identityOf(this.#name)) === this.#identity;
  }

  /** May be called more than once. */
  async release(): Promise<void> {
    if (!this.#server.listening) return;
    const isHeld = await this.isHeld(); // or it is another one's by now
    this.#server.close();
    if (isHeld) await rm(this.#name, { force: true });
    await this.#folder?.close();
  }
}

/** Of a file, whatever its name; null where there is none. */
async function identityOf(path: string): Promise<string | null> {
  return lstat(path, { bigint: true }).then(
    ({ dev, ino, birthtimeNs }) => `${dev}:${ino}:${birthtimeNs}`, // numbers of inodes are used again
    () => null,
  );
}

async function openLong(directory: string): Promise<FileHandle | null> {
  if (Buffer.byteLength(join(directory, NAME)) <= MAX_PATH_BYTES) return null;
  return open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** The directory by a path that leaves room for a name. */
function reachable(directory: string, folder: FileHandle | null): string {
  return folder ? `/proc/self/fd/${folder.fd}` : directory;
}

/** Listens, and then takes the next name. @throws WakegateError WG_STATE_UNUSABLE where another one holds it */
async function claim(folder: string, directory: string): Promise<{ server: Server; name: string }> {
  const own = join(folder, `${NAME}-${randomUUID().slice(0, 8)}`);
  const server = createServer();
  try {
    server.listen(own);
    await once(server, 'listening');
    await chmod(own, 0o600);
    for (let tries = 1; tries <= TRIES; tries++) {
      const name = join(folder, nameOf((await newestOf(folder, directory)) + 1));
      try {
        await link(own, name);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        continue; // another one was first
      }
      const others = (await namesIn(folder)).filter((other) => other !== name);
      const holders = await Promise.all(others.map(holderOf));
      if (holders.every((holder) => holder === null)) {
        await Promise.all(others.map((other) => rm(other, { force: true })));
        return { server, name };
      }
      await rm(name, { force: true });
      await sleep(50 * Math.random()); // so that two that met do not meet again
    }
    throw heldError(directory, {});
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * The highest number there is, -1 where there is none: all of them are of dead ones.
 *
 * @throws WakegateError WG_STATE_UNUSABLE where one is not
 */
async function newestOf(folder: string, directory: string): Promise<number> {
  const names = await namesIn(folder);
  for (const holder of await Promise.all(names.map(holderOf))) {
    if (holder !== null) throw heldError(directory, holder);
  }
  return Math.max(-1, ...names.map(numberOf));
}

/** Paths of the names that there are, of living and dead ones. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => LOCK.test(name)).map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // there is no directory yet
    throw error;
  }
}

function numberOf(path: string): number {
  return Number(LOCK.exec(path)?.[1] ?? 0);
}

function nameOf(number: number): string {
  return number === 0 ? NAME : `${NAME}.${number}`;
}

/** What the process that listens at `path` says of itself; null where none does. */
function holderOf(path: string): Promise<Holder | null> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(path);
    const timer = setTimeout(() => done({}), ANSWER_MS);
    const done = (holder: Holder | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(holder);
    };
    socket.setEncoding('utf8');
    socket.on('data', (part) => {
      text += part;
    });
    socket.on('end', () => done(parse(text)));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      // Anything else, such as a full queue, is the answer of a living one.
      done(code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ENOTSOCK' ? null : {});
    });
  });
}

function parse(text: string): Holder {
  try {
    const holder: unknown = JSON.parse(text);
    return holder !== null && typeof holder === 'object' ? holder : {};
  } catch {
    return {};
  }
}

function heldError(directory: string, { pid, since, url }: Holder): WakegateError {
  const facts = [pid && `process ${pid}`, since && `since ${since}`, url && `serving on ${url}`].filter(
    Boolean,
  );
  const who = facts.length > 0 ? facts.join(', ') : 'it does not answer';
  return new WakegateError(
    'WG_STATE_UNUSABLE',
    `the state directory ${directory} is in use by another wakegate (${who}): stop that one, or give this one ` +
      'a directory of its own with --state-directory',
  );
}

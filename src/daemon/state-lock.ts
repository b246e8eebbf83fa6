import { once } from 'node:events';
import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { asWakegateError, WakegateError } from '../errors.js';

const NAME = 'wakegate.lock';
/** The address of a socket holds 107 bytes. A longer path is reached through its folder's descriptor. */
const MAX_PATH_BYTES = 100;
/** A holder that was stopped takes connections, but says nothing. */
const ANSWER_MS = 2000;
const TRIES = 3;

/** What the holder of a lock says of itself. */
interface Holder {
  readonly pid?: number;
  readonly since?: string;
  readonly url?: string | null;
}

/**
 * Keeps a state directory for one daemon: two would overwrite each other's changes. The lock is a socket in the
 * directory that its holder listens on. It ends with the process, however that ends; the name that stays behind is
 * then taken over.
 */
export class StateLock {
  /** Where the holder serves, for the one that wants the directory too. */
  url: string | null = null;
  readonly #server: Server;
  readonly #folder: FileHandle | null;
  readonly #since = new Date().toISOString();

  /**
   * @throws WakegateError WG_STATE_UNUSABLE where another daemon holds it, with its process number; the `cause` of it
   *   is an error of the system where no lock can be had there
   */
  static async take(directory: string): Promise<StateLock> {
    try {
      await mkdir(directory, { recursive: true });
      const folder = await openLong(directory);
      try {
        const path = folder ? `/proc/self/fd/${folder.fd}/${NAME}` : join(directory, NAME);
        const server = await listen(path, directory);
        return new StateLock(server, folder);
      } catch (error) {
        await folder?.close();
        throw error;
      }
    } catch (error) {
      throw asWakegateError(error, 'WG_STATE_UNUSABLE', `the state directory ${directory} cannot be locked`);
    }
  }

  /** Whether it could be taken. @throws as {@link take} does where another daemon holds it */
  static async check(directory: string): Promise<void> {
    const folder = await openLong(directory).catch(() => null); // there is none yet
    const path = folder ? `/proc/self/fd/${folder.fd}/${NAME}` : join(directory, NAME);
    const holder = await holderOf(path).finally(() => folder?.close());
    if (holder !== null) throw heldError(directory, holder);
  }

  private constructor(server: Server, folder: FileHandle | null) {
    this.#server = server;
    this.#folder = folder;
    server.unref();
    server.on('error', () => {}); // such as too many open files: whoever asks then gets no answer
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.end(JSON.stringify({ pid: process.pid, since: this.#since, url: this.url } satisfies Holder));
    });
  }

  /** May be called more than once. */
  async release(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close(); // removes the socket's name
    await this.#folder?.close();
  }
}

async function openLong(directory: string): Promise<FileHandle | null> {
  if (Buffer.byteLength(join(directory, NAME)) <= MAX_PATH_BYTES) return null;
  return open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
}

async function listen(path: string, directory: string): Promise<Server> {
  for (let tries = 1; ; tries++) {
    const server = createServer();
    try {
      server.listen(path);
      await once(server, 'listening');
      await chmod(path, 0o600);
      return server;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === TRIES) throw error;
    }
    const holder = await holderOf(path);
    if (holder !== null) throw heldError(directory, holder);
    await removeDead(path, directory);
  }
}

/** Takes the name away from a holder that is gone, unless a new one has taken it meanwhile. */
async function removeDead(path: string, directory: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const holder = await holderOf(aside);
  if (holder === null) return rm(aside, { force: true });
  await rename(aside, path);
  throw heldError(directory, holder);
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

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
}

/** What a process has loaded, as its inspector reports it. */
export interface LoadedScripts {
  /** URLs of the scripts of the main thread; of a file of the bundle, the paths of the modules that it holds too. */
  readonly main: string[];
  /** The same of each worker thread that runs. */
  readonly workers: string[][];
}

/**
 * Asks a process that was started with `--inspect=0` which scripts each of its threads has loaded since it began, ES
 * modules and CommonJS alike.
 *
 * @param url what the process printed after `Debugger listening on`
 */
export async function loadedScripts(url: string): Promise<LoadedScripts> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const main: string[] = [];
  const workers = new Map<string, string[]>();
  const workerAnswers: (() => void)[] = [];
  const answers = new Map<number, () => void>();
  let lastId = 0;

  socket.on('message', (data) => {
    const { id, method, params = {} } = JSON.parse(String(data)) as Message;
    if (id !== undefined) answers.get(id)?.();
    if (method === 'Debugger.scriptParsed') main.push(...withModules(params.url as string));
    if (method === 'NodeWorker.attachedToWorker') workers.set(params.sessionId as string, []);
    if (method === 'NodeWorker.receivedMessageFromWorker') {
      const inner = JSON.parse(params.message as string) as Message;
      if (inner.method === 'Debugger.scriptParsed') {
        workers.get(params.sessionId as string)!.push(...withModules(inner.params!.url as string));
      }
      if (inner.id !== undefined) workerAnswers.shift()!();
    }
  });
  const ask = (method: string, params = {}) => {
    const id = ++lastId;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise<void>((resolve) => answers.set(id, resolve));
  };

  // Scripts that are there already are reported before the answer to `enable` comes; so are workers.
  await ask('Debugger.enable');
  await ask('NodeWorker.enable', { waitForDebuggerOnStart: false });
  for (const sessionId of workers.keys()) {
    const answered = new Promise<void>((resolve) => workerAnswers.push(resolve));
    const message = JSON.stringify({ id: 1, method: 'Debugger.enable' });
    await ask('NodeWorker.sendMessageToWorker', { sessionId, message });
    await answered;
  }
  // A process whose inspector is connected waits for it when it ends.
  socket.close();
  await once(socket, 'close');
  return { main, workers: [...workers.values()] };
}

const BUNDLED = new URL('../../src/bundled/', import.meta.url);

function withModules(url: string): string[] {
  const [, file] = /\/bundled\/(.*\.cjs)$/.exec(url) ?? [];
  if (file === undefined) return [url];
  const modules = JSON.parse(readFileSync(new URL('modules.json', BUNDLED), 'utf8'));
  return [url, ...modules[`./${file}`]];
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { type Furnishing, writeConfigFolder } from './config-folder.js';
import { until } from './until.js';

/** From dist/bench/home/. */
const INSTALL = fileURLToPath(new URL('../../../bench/home/install.sh', import.meta.url));
const ENVIRONMENT = fileURLToPath(new URL('../../../.cache/home/venv', import.meta.url));

const EXPECTED = [
  'custom integration wakegate_bench',
  'Skipping pip installation',
  'Support for the running Python version',
  // What is still under way when a pipeline has heard enough.
  'Received binary message for non-existing handler',
];

export interface State {
  readonly entity_id: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly id: number;
  readonly type: 'result' | 'event' | 'pong';
  readonly success?: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly event?: unknown;
}

/** A real Home Assistant of its own folder, and what a browser asks of it. */
export class HomeAssistant {
  readonly url: string;
  readonly token: string;
  readonly #folder: string;
  #process: ChildProcess | null = null;
  #socket: WebSocket | null = null;
  #lastId = 0;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #subscribers = new Map<number, (event: unknown) => void>();

  constructor(folder: string, port: number, furnishing: Furnishing = {}) {
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.token = writeConfigFolder(folder, port, furnishing);
  }

  async start(): Promise<void> {
    const { status } = spawnSync('sh', [INSTALL, ENVIRONMENT], { stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error('Home Assistant cannot be installed here');
    const log = openSync(join(this.#folder, 'output.log'), 'a');
    this.#process = spawn(
      join(ENVIRONMENT, 'bin/python'),
      ['-m', 'homeassistant', '--config', this.#folder, '--skip-pip'],
      { stdio: ['ignore', log, log] },
    );
    closeSync(log);
    this.#socket = await until('Home Assistant answers', 180, () => this.#connect());
    await until('Home Assistant has started', 120, async () => {
      const { state } = await this.ask<{ state: string }>('get_config');
      return state === 'RUNNING';
    });
  }

  async stop(): Promise<void> {
    this.#socket?.terminate();
    if (this.#process === null || this.#process.exitCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const late = setTimeout(() => this.#process?.kill('SIGKILL'), 30_000);
    await gone;
    clearTimeout(late);
  }

  /** Adds an integration as the page "Add integration" does, and answers its only form. */
  async addIntegration(handler: string, answers: object): Promise<void> {
    const { flow_id } = await this.#post<{ flow_id: string }>('', { handler });
    await this.confirm(flow_id, answers);
  }

  /** Answers the only form that adds an integration, which may be one that was discovered. */
  async confirm(flow: string, answers: object = {}): Promise<void> {
    const { type, errors } = await this.#post<{ type: string; errors?: object }>(`/${flow}`, answers);
    if (type !== 'create_entry') throw new Error(`it cannot be added: ${JSON.stringify(errors)}`);
  }

  /** The result of one of its WebSocket commands. */
  async ask<T>(type: string, fields: object = {}): Promise<T> {
    const answer = await this.#send(type, fields);
    if (!answer.success) throw new Error(`${type}: ${answer.error?.message}`);
    return answer.result as T;
  }

  /** Sends a command whose events come to `onEvent`. */
  async subscribe<T>(type: string, fields: object, onEvent: (event: T) => void): Promise<void> {
    this.#subscribers.set(this.#lastId + 1, onEvent as (event: unknown) => void);
    const answer = await this.#send(type, fields);
    if (!answer.success) throw new Error(`${type}: ${answer.error?.message}`);
  }

  sendBinary(bytes: Uint8Array): void {
    this.#socket!.send(bytes);
  }

  async call<T = unknown>(action: string, data: object, { returns = false } = {}): Promise<T> {
    const [domain, service] = action.split('.');
    const { response } = await this.ask<{ response: T }>('call_service', {
      domain,
      service,
      service_data: data,
      ...(returns && { return_response: true }),
    });
    return response;
  }

  async states(): Promise<State[]> {
    return await this.ask<State[]>('get_states');
  }

  async state(entity: string): Promise<State | undefined> {
    return (await this.states()).find(({ entity_id }) => entity_id === entity);
  }

  /** What it has complained of so far, but for what has to do with how it is started here. */
  complaints(): string[] {
    return readFileSync(join(this.#folder, 'output.log'), 'utf8')
      .split('\n')
      .filter((line) => / (WARNING|ERROR|CRITICAL) /.test(line))
      .filter((line) => !EXPECTED.some((text) => line.includes(text)));
  }

  async #post<T>(path: string, body: object): Promise<T> {
    const response = await fetch(`${this.url}/api/config/config_entries/flow${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${response.url}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  async #connect(): Promise<WebSocket | undefined> {
    if (this.#process!.exitCode !== null) {
      throw new Error(`Home Assistant has ended: ${this.complaints().slice(-5).join('\n')}`);
    }
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/api/websocket`);
    try {
      await once(socket, 'open');
    } catch {
      return undefined;
    }
    await once(socket, 'message');
    socket.send(JSON.stringify({ type: 'auth', access_token: this.token }));
    const [reply] = await once(socket, 'message');
    if (JSON.parse(String(reply)).type !== 'auth_ok') throw new Error(`Home Assistant: ${reply}`);
    socket.on('message', (data) => this.#read(JSON.parse(String(data)) as Answer));
    return socket;
  }

  #read(answer: Answer): void {
    if (answer.type === 'event') this.#subscribers.get(answer.id)?.(answer.event);
    else this.#waiting.get(answer.id)?.(answer);
    if (answer.type !== 'event') this.#waiting.delete(answer.id);
  }

  async #send(type: string, fields: object): Promise<Answer> {
    const id = ++this.#lastId;
    const { promise, resolve } = withResolver<Answer>();
    this.#waiting.set(id, resolve);
    this.#socket!.send(JSON.stringify({ id, type, ...fields }));
    return await promise;
  }
}

function withResolver<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

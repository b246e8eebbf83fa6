import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../src/config/index.js';
import { MALLOC_ENVIRONMENT } from '../../src/process-settings.js';
import type { Status } from '../../src/protocol/index.js';
import type { HostCommand, HostOptions, HostUsage } from './host.js';
import { type FakeMicrophone, fakeMicrophone } from './microphone.js';

const HOST = fileURLToPath(new URL('./host.js', import.meta.url));

export interface MeasuredOptions {
  readonly kind?: HostOptions['kind'];
  /** What its microphone hears, at 16 kHz; silence after that. */
  readonly hears: Int16Array;
  readonly config?: Partial<Config>;
}

/** A daemon in a process of its own, with a microphone that is a program, and a state directory that is gone after. */
export class MeasuredProcess {
  readonly microphone: FakeMicrophone;
  /** Where it serves; empty for the pipeline alone. */
  url = '';
  readonly #folder: string;
  readonly #child: ChildProcess;
  #log = '';

  static async start({ kind = 'daemon', hears, config }: MeasuredOptions): Promise<MeasuredProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'wakegate-bench-'));
    const measured = new MeasuredProcess(folder, hears, {
      kind,
      config: { input: 'mic', recorder: 'arecord', stateDirectory: join(folder, 'state'), ...config },
    });
    const [{ url }] = (await once(measured.#child, 'message')) as [{ url: string | null }];
    measured.url = url ?? '';
    return measured;
  }

  private constructor(folder: string, hears: Int16Array, options: HostOptions) {
    this.#folder = folder;
    this.microphone = fakeMicrophone(folder, hears);
    this.#child = fork(HOST, [JSON.stringify(options)], {
      env: { ...process.env, ...MALLOC_ENVIRONMENT, PATH: `${this.microphone.bin}:${process.env.PATH}` },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
  }

  /** What it has logged: the messages of warnings and worse. */
  get faults(): string[] {
    const lines = this.#log.split('\n').filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async usage(): Promise<HostUsage> {
    this.#tell({ do: 'usage' });
    const [usage] = (await once(this.#child, 'message')) as [HostUsage];
    return usage;
  }

  publish(bytes: number): void {
    this.#tell({ do: 'publish', bytes });
  }

  async status(): Promise<Status> {
    return (await (await fetch(`${this.url}/v1/status`)).json()) as Status;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
    // Its microphone ends a moment after it, and writes until then.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  #tell(command: HostCommand): void {
    this.#child.send(command);
  }
}

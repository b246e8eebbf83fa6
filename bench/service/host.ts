import { pino } from 'pino';
import { LevelMeter } from '../../src/audio/index.js';
import { type Config, defaultConfig } from '../../src/config/index.js';
import { CaptureCost } from '../../src/daemon/capture-cost.js';
import { Daemon } from '../../src/daemon/daemon.js';
import { DaemonInput } from '../../src/daemon/input.js';
import { LoadedPack } from '../../src/daemon/loaded-pack.js';
import { SwitchingListener } from '../../src/daemon/switching-listener.js';
import { EnergyMeter } from '../../src/energy/index.js';
import { readPack, resolvePack } from '../../src/model/index.js';

/**
 * The process that is measured: a daemon as the command line has it, or the pipeline alone, without anything that
 * serves. Commands come over its IPC channel.
 */

/** What the process is to be. */
export interface HostOptions {
  readonly kind: 'daemon' | 'pipeline';
  readonly config: Partial<Config>;
}

export type HostCommand =
  | { readonly do: 'usage' }
  /** Publishes one event of so many bytes, or a little more. */
  | { readonly do: 'publish'; readonly bytes: number };

export interface HostUsage {
  /** CPU time since the start, of all threads. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

const { kind, config: overrides } = JSON.parse(process.argv[2]) as HostOptions;
const config: Config = { ...defaultConfig(), port: 0, ...overrides };
const logger = pino({ level: 'warn' });

process.on('disconnect', () => process.exit());
if (kind === 'daemon') await serve();
else await listen();

async function serve(): Promise<void> {
  const daemon = await Daemon.create(config, logger);
  await daemon.start();
  process.on('message', (command: HostCommand) => {
    if (command.do === 'usage') answerUsage();
    else publish(daemon, command.bytes);
  });
  process.send!({ url: daemon.url });
}

async function listen(): Promise<void> {
  const pack = await readPack(await resolvePack(config.model));
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const loaded = new LoadedPack({ pack, keywords: pack.keywords, config, meter, logger });
  const input = new DaemonInput({
    config,
    listener: new SwitchingListener(loaded, meter),
    cost: new CaptureCost(meter, loaded.classifier),
    level: new LevelMeter(() => {}),
    isWatched: () => false,
    logger,
  });
  input.run();
  process.on('message', answerUsage);
  process.send!({ url: null });
}

function publish({ events }: Daemon, bytes: number): void {
  events.publish({ type: 'classifier', state: 'asleep', previous: 'awake', reason: 'x'.repeat(bytes) });
}

function answerUsage(): void {
  const { user, system } = process.cpuUsage();
  const usage: HostUsage = { cpuMs: (user + system) / 1000, residentBytes: process.memoryUsage.rss() };
  process.send!(usage);
}

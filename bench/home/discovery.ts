import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DiscoverySchema, discoveryFaults } from '../../test/support/discovery-faults.js';
import { freePorts } from '../../test/support/free-port.js';
import type { Line } from '../measure.js';
import { Broker, Subscriber } from './broker.js';
import { HomeDaemon } from './home-daemon.js';
import { bridgeFlags } from './house.js';
import { until } from './until.js';

/** From dist/bench/home/. */
const READER = fileURLToPath(new URL('../../../bench/home/read_schema.py', import.meta.url));
const WHEELS = fileURLToPath(new URL('../../../.cache/home/newest', import.meta.url));

/** The description of the device that the daemon publishes, held against what a new Home Assistant takes. */
export async function benchDiscovery(): Promise<Line[]> {
  const schema = newestSchema();
  const payload = await deviceDescription();
  const faults = discoveryFaults(JSON.parse(payload), schema);
  const { components } = JSON.parse(payload) as { components: object };
  return [
    {
      name: 'faults in the description of the device',
      value: faults.length,
      unit: '',
      bar: { atMost: 0 },
      detail:
        faults.length > 0
          ? faults.join('; ')
          : `${Object.keys(components).length} entities, by the schema of Home Assistant ${schema.version}`,
    },
  ];
}

/** Of the newest Home Assistant that there is for any Python: its code is read, and not run. */
function newestSchema(): DiscoverySchema {
  mkdirSync(WHEELS, { recursive: true });
  const wheel = () => readdirSync(WHEELS).sort().at(-1);
  if (wheel() === undefined) {
    const options = [
      '--quiet',
      '--no-deps',
      '--only-binary=:all:',
      '--python-version',
      '3.14',
      '--dest',
      WHEELS,
    ];
    run('python3', ['-m', 'pip', 'download', ...options, 'homeassistant']);
  }
  return JSON.parse(run('python3', [READER, join(WHEELS, wheel()!)]));
}

async function deviceDescription(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-discovery-'));
  const [api, mqtt, wyoming] = await freePorts(3);
  const of = (name: string) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const broker = new Broker(of('broker'), mqtt);
  const daemon = new HomeDaemon(of('daemon'), api);
  await broker.start();
  const messages = new Subscriber(mqtt, 'homeassistant/device/+/config');
  try {
    await daemon.start([...bridgeFlags(folder, { mqtt, wyoming }), '--mqtt-discovery', 'device']);
    return await until('the daemon describes itself', 30, () => messages.messages[0]?.payload);
  } finally {
    messages.stop();
    await daemon.stop();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  });
  if (status !== 0) throw new Error(`${program} ${args[0]} failed`, { cause: error });
  return stdout;
}

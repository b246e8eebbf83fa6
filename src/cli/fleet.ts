import { type Command, Option } from 'commander';
import { type ConfigKey, loadConfig } from '../config/index.js';
import { WakegateError } from '../errors.js';
import type { FleetOverview } from '../fleet/view.js';
import type { FleetTrace } from '../protocol/index.js';
import { addConfigFlags, givenFlags } from './config-flags.js';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { addExamples } from './examples.js';
import { configWithBroker, FLEET_BROKER_KEYS, type FleetBrokerOptions } from './fleet-broker.js';
import { bytesText, durationText, roundedText } from './numbers.js';
import { printableIn } from './printable.js';

const ACL_KEYS = ['fleetPrefix', 'mqttPrefix', 'mqttDiscoveryPrefix'] as const satisfies readonly ConfigKey[];

interface ListOptions extends FleetBrokerOptions {
  readonly json?: boolean;
}

interface AclCommandOptions extends Partial<Record<ConfigKey, string>> {
  readonly config?: string;
  readonly satellites?: string[];
  readonly workers?: string[];
  readonly viewers?: string[];
  readonly group: string;
  readonly for: 'mosquitto' | 'nats';
}

export function fleetCommand(command: Command): void {
  command.description('Show the satellites and workers of a fleet, and make rules for its broker');
  addConfigFlags(
    command
      .command('list', { isDefault: true })
      .description('Print who is there, and how they fare')
      .option(
        '--broker <url>',
        'Broker of the fleet: mqtt://, mqtts://, nats:// or tls:// (or fleetUrl or mqttUrl of the settings)',
      )
      .option('--json', 'Print JSON, with exact numbers'),
    FLEET_BROKER_KEYS,
  ).action(list);
  addDaemonFlags(
    command.command('trace').description('Print the way of the newest word of a running satellite'),
  )
    .option('--json', 'Print JSON')
    .action(trace);
  addConfigFlags(
    command
      .command('acl')
      .description('Print rules for the broker: a user for each, named as its wakegate is')
      .addOption(
        new Option('--for <broker>', 'An acl_file for mosquitto, or permissions for nats-server')
          .choices(['mosquitto', 'nats'])
          .default('mosquitto'),
      )
      .option('--satellites <names...>', 'Names of satellites')
      .option('--workers <names...>', 'Names of workers')
      .option('--viewers <names...>', 'Names of those who may look on')
      .option('--group <name>', 'Group of the rooms that answer once; none for none', 'home'),
    ACL_KEYS,
  ).action(acl);
  addExamples(command, {
    'wakegate fleet list --broker mqtt://homeassistant.local': 'Who is there?',
    'wakegate fleet trace': 'How did the newest word come to be answered?',
    'wakegate fleet acl --satellites kitchen hall --workers garage': 'Rules that let each do what it has to',
  });
}

async function list({ json, ...options }: ListOptions): Promise<void> {
  const config = await configWithBroker(options, FLEET_BROKER_KEYS);
  const [{ readFleet }, { fleetTopicsOf }, { readBrokerSettings }] = await Promise.all([
    import('../fleet/overview.js'),
    import('../fleet/topics.js'),
    import('../broker/index.js'),
  ]);
  const overview = await readFleet(await readBrokerSettings(config), fleetTopicsOf(config));
  console.log(json ? JSON.stringify(overview, null, 2) : overviewText(printableIn(overview)));
}

function overviewText({ workers, satellites }: FleetOverview): string {
  const workerLines = workers.map(({ worker, group, packs, counts }) => [
    worker,
    group,
    packs.map(({ name, fingerprint }) => `${name} ${fingerprint}`).join(', '),
    ...(counts
      ? [
          roundedText(counts.perSecond),
          roundedText(counts.lagMs),
          String(counts.answered),
          String(counts.refused),
          String(counts.duplicates),
          durationText(counts.uptimeSeconds),
        ]
      : ['-', '-', '-', '-', '-', '-']),
  ]);
  const satelliteLines = satellites.map(({ satellite, room, group, pack, counts }) => [
    satellite,
    room,
    group ?? '-',
    `${pack.name} ${pack.fingerprint}`,
    ...(counts
      ? [
          roundedText(counts.perSecond),
          roundedText(counts.lagMs),
          String(counts.sent),
          String(counts.again),
          String(counts.lost),
          String(counts.own),
          String(counts.detections),
          String(counts.outvoted),
        ]
      : ['-', '-', '-', '-', '-', '-', '-', '-']),
  ]);
  return [
    columns(
      ['worker', 'share', 'packs', 'a second', 'lag ms', 'answered', 'refused', 'twice', 'up'],
      workerLines,
    ),
    columns(
      [
        'satellite',
        'room',
        'group',
        'pack',
        'a second',
        'lag ms',
        'sent',
        'again',
        'lost',
        'own',
        'words',
        'outvoted',
      ],
      satelliteLines,
    ),
  ].join('\n\n');
}

function columns(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `There is no ${headings[0]}.`;
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  return [headings, ...rows].map(line).join('\n');
}

async function trace({ json, ...options }: DaemonOptions & { readonly json?: boolean }): Promise<void> {
  const { fleet } = await withDaemon(options, (daemon) => daemon.status());
  if (!fleet)
    throw new WakegateError(
      'WG_USAGE',
      'that daemon is no satellite: start it with --classifier mqtt://… or auto',
    );
  if (json) console.log(JSON.stringify(fleet.trace, null, 2));
  else if (fleet.trace === null) console.log('No word was heard yet.');
  else console.log(traceText(printableIn(fleet.trace)));
}

function traceText({
  keyword,
  handoffs,
  detectedMs,
  decidedMs,
  rooms,
  answeredBy,
  snrDb,
}: FleetTrace): string {
  const ms = (value: number | null) => (value === null ? '-' : roundedText(value));
  const rows = handoffs.map((one) => [
    ms(one.sentMs),
    bytesText(one.bytes),
    ms(one.takenMs),
    ms(one.answeredMs),
    one.worker ?? '-',
    ms(one.workerMs),
    ms(one.cpuMs),
    String(one.times),
  ]);
  return [
    columns(['sent ms', 'size', 'broker ms', 'answered ms', 'worker', 'there ms', 'CPU ms', 'times'], rows),
    `${roundedText(detectedMs)} ms  "${keyword}" is detected, ${roundedText(snrDb)} dB over the noise`,
    `${roundedText(decidedMs)} ms  ${answeredBy} answers, of ${rooms} ${rooms === 1 ? 'room' : 'rooms'} that heard it`,
  ].join('\n');
}

async function acl({
  satellites = [],
  workers = [],
  viewers = [],
  group,
  for: broker,
  ...options
}: AclCommandOptions): Promise<void> {
  const names = [...satellites, ...workers, ...viewers];
  if (names.length === 0) {
    throw new WakegateError(
      'WG_USAGE',
      'there is nobody to write rules for: give --satellites and --workers',
    );
  }
  const wrong = [...names, group].find((name) => !/^[A-Za-z0-9_-]{1,64}$/.test(name));
  if (wrong !== undefined) {
    throw new WakegateError(
      'WG_USAGE',
      `${wrong} is not a name: take up to 64 letters, digits, hyphens and underscores`,
    );
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new WakegateError(
      'WG_USAGE',
      `${twice} is given twice: each satellite and each worker needs a user of its own`,
    );
  }
  const config = await loadConfig({ file: options.config, flags: givenFlags({ ...options }, ACL_KEYS) });
  const rules = { satellites, workers, viewers, group: group === 'none' ? null : group };
  if (broker === 'nats') {
    const { natsAclOf } = await import('../fleet/nats/nats-acl.js');
    process.stdout.write(natsAclOf(rules, config));
    return;
  }
  const { aclOf } = await import('../fleet/acl.js');
  process.stdout.write(aclOf(rules, config));
}

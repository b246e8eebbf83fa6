import type { Command } from 'commander';
import { type Config, type ConfigKey, defaultConfig, loadConfig } from '../config/index.js';
import { tokenFileOf } from '../daemon/token-file.js';
import type { Finding } from '../doctor/index.js';
import { asWakegateError } from '../errors.js';
import { addConfigFlags, givenFlags, MICROPHONE_KEYS } from './config-flags.js';
import { addExamples } from './examples.js';
import { FLEET_BROKER_KEYS } from './fleet-broker.js';
import { printable } from './printable.js';

const KEYS = [
  'model',
  'backend',
  'classifier',
  'mqttUrl',
  'fleetUrl',
  ...FLEET_BROKER_KEYS,
  'mfcc',
  'host',
  'port',
  ...MICROPHONE_KEYS,
] as const satisfies readonly ConfigKey[];

interface DoctorOptions extends Partial<Record<ConfigKey, string>> {
  readonly config?: string;
  readonly json?: boolean;
}

export function doctorCommand(command: Command): void {
  addConfigFlags(
    command.description(
      'Check everything that the daemon needs, and print how to fix what is wrong (then the exit code is 1)',
    ),
    KEYS,
  )
    .option('--json', 'Print JSON')
    .action(doctor);
  addExamples(command, {
    'wakegate doctor': 'Check this machine, its microphone and the model pack',
    'wakegate doctor --classifier mqtt://broker.local': 'Check a satellite, and the workers that answer it',
    'wakegate doctor --recorder arecord --device plughw:1,0': 'Check another microphone',
  });
}

async function doctor(options: DoctorOptions): Promise<void> {
  const { examine } = await import('../doctor/index.js');
  const findings: Finding[] = [];
  const report = (finding: Finding) => {
    findings.push(finding);
    if (!options.json) process.stdout.write(lineOf(finding));
  };
  const [config, settings] = await loadSettings(options);
  report(settings);
  for await (const finding of examine(withTokenFile(config))) report(finding);
  const ok = findings.every(({ state }) => state !== 'wrong');
  if (options.json) console.log(JSON.stringify({ ok, findings }, null, 2));
  if (!ok) process.exitCode = 1;
}

/** With the token that a running daemon has made itself. */
function withTokenFile(config: Config): Config {
  const tokenFile = tokenFileOf(config);
  return tokenFile === undefined ? config : { ...config, tokenFile };
}

/** Reports invalid settings, and continues with the defaults. */
async function loadSettings(options: DoctorOptions): Promise<[Config, Finding]> {
  try {
    const config = await loadConfig({ file: options.config, flags: givenFlags({ ...options }, KEYS) });
    return [config, { about: 'settings', state: 'right', says: 'valid', mend: null }];
  } catch (error) {
    const { message } = asWakegateError(error, 'WG_CONFIG_INVALID', 'the settings cannot be read');
    return [
      defaultConfig(),
      { about: 'settings', state: 'wrong', says: message, mend: 'wakegate config check' },
    ];
  }
}

const STATES = { right: 'ok', wrong: 'WRONG', unknown: '?' } as const;

export function lineOf({ about, state, says, mend }: Finding): string {
  const line = `${STATES[state].padEnd(5)}  ${about.padEnd(10)}  ${printable(says)}\n`;
  return mend === null ? line : `${line}${' '.repeat(19)}${printable(mend)}\n`;
}

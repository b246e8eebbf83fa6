import { WakegateError } from '../errors.js';
import { MALLOC_ENVIRONMENT } from '../process-settings.js';

/** `system`: one for the machine, from boot on; `user`: one for a login, with its sound server. */
export type Scope = 'system' | 'user';

export const UNIT_NAME = 'wakegate.service';

export interface UnitOptions {
  readonly scope: Scope;
  /** Absolute paths: of Node, of the command line's script, and of a configuration file if there is one. */
  readonly node: string;
  readonly script: string;
  readonly configFile?: string | undefined;
  /** Absolute path of the file with the token, if there is one, and what it is called among the credentials. */
  readonly tokenFile?: string | undefined;
  readonly tokenName: string;
}

/** The options of `run`. Never the bundled sample: a microphone that is late at boot must be waited for. */
export const RUN_ARGS: readonly string[] = ['--input', 'mic'];

/** Longer than the supervisor of the microphone waits between two attempts, each of which feeds the watchdog too. */
const WATCHDOG_SECONDS = 90;

/** For both scopes. MemoryDenyWriteExecute is left out, since the JIT writes code and runs it. */
const HARDENING = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  // AF_NETLINK to list the networks on which Wyoming is announced.
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
  'SystemCallErrorNumber=EPERM',
  'UMask=0077',
  'MemoryMax=256M',
  'TasksMax=64',
] as const;

/** What only the system's manager may do. */
const SYSTEM_HARDENING = [
  'DynamicUser=yes',
  'SupplementaryGroups=audio',
  'CapabilityBoundingSet=',
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'PrivateTmp=yes',
  'ProtectProc=invisible',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectControlGroups=yes',
  'RemoveIPC=yes',
  'DevicePolicy=closed',
  'DeviceAllow=char-alsa rw',
] as const;

/**
 * The unit that keeps the daemon running.
 *
 * @throws WakegateError WG_USAGE for a path that a unit file cannot hold
 */
export function unitFile({ scope, node, script, configFile, tokenFile, tokenName }: UnitOptions): string {
  const words = [node, script, 'run', ...RUN_ARGS];
  if (configFile) words.push('--config', configFile);
  return `[Unit]
Description=wakegate keyword spotter
After=${scope === 'system' ? 'network.target sound.target' : 'pipewire.service pulseaudio.service'}
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify is a process of its own.
NotifyAccess=all
ExecStart=${words.map(quoted).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=2
WatchdogSec=${WATCHDOG_SECONDS}
# With these and Node's flag, what the classifier held goes back to the system when it sleeps.
${Object.entries(MALLOC_ENVIRONMENT)
  .map(([name, value]) => `Environment=${name}=${value}`)
  .join('\n')}
# What is changed while it runs, and captures.
StateDirectory=wakegate
StateDirectoryMode=0700
${tokenFile !== undefined && scope === 'system' ? credential(tokenName, tokenFile) : ''}\
${[...(scope === 'system' ? SYSTEM_HARDENING : []), ...HARDENING].join('\n')}

[Install]
WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}
`;
}

/** The token's file belongs to root, and the service runs as another user: systemd hands it over. */
function credential(name: string, path: string): string {
  return `# The token, which only root can read.\nLoadCredential=${name}:${checkedPath(path).replaceAll('%', '%%')}\n`;
}

/** As systemd reads words: specifiers and variables doubled, in quotes where it must be. */
function quoted(word: string): string {
  const escaped = checkedPath(word).replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /[\s;]/.test(escaped) ? `"${escaped}"` : escaped;
}

function checkedPath(word: string): string {
  if (/[\p{Cc}"'\\]/u.test(word)) {
    throw new WakegateError(
      'WG_USAGE',
      `${JSON.stringify(word)} holds quotes, backslashes or control characters, which a unit file cannot hold: move the file`,
    );
  }
  return word;
}

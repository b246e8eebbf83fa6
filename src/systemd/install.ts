import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { asWakegateError, WakegateError } from '../errors.js';
import { homeDirectory } from '../home-directory.js';
import { type Scope, UNIT_NAME } from './unit.js';

const run = promisify(execFile);

/** Path of the unit file. @throws WakegateError WG_SERVICE_FAILED for a user without a home directory */
export function unitPath(scope: Scope, environment: NodeJS.ProcessEnv = process.env): string {
  if (scope === 'system') return join('/etc/systemd/system', UNIT_NAME);
  const home = homeDirectory();
  const folder = environment.XDG_CONFIG_HOME || (home && join(home, '.config'));
  if (folder) return join(folder, 'systemd/user', UNIT_NAME);
  throw new WakegateError(
    'WG_SERVICE_FAILED',
    'this user has no home directory for the unit file: set HOME, or leave out --user for a service of the machine',
  );
}

/**
 * Writes the unit, and starts it now and at every boot or login.
 *
 * @returns where it was written
 * @throws WakegateError WG_SERVICE_FAILED
 */
export async function install(scope: Scope, unit: string): Promise<string> {
  const path = unitPath(scope);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, unit);
  } catch (error) {
    throw asWakegateError(error, 'WG_SERVICE_FAILED', `${path} cannot be written${rootRemedy(scope)}`);
  }
  await systemctl(scope, ['daemon-reload']);
  await systemctl(scope, ['enable', UNIT_NAME]);
  await systemctl(scope, ['restart', UNIT_NAME]);
  return path;
}

/** Stops the unit and removes it. @throws WakegateError WG_SERVICE_FAILED */
export async function uninstall(scope: Scope): Promise<void> {
  await systemctl(scope, ['disable', '--now', UNIT_NAME]);
  try {
    await rm(unitPath(scope), { force: true });
  } catch (error) {
    throw asWakegateError(
      error,
      'WG_SERVICE_FAILED',
      `${unitPath(scope)} cannot be removed${rootRemedy(scope)}`,
    );
  }
  await systemctl(scope, ['daemon-reload']);
}

/** The status of the unit from systemd, for people. @throws WakegateError WG_SERVICE_FAILED */
export async function status(scope: Scope): Promise<string> {
  return systemctl(scope, ['status', '--no-pager', UNIT_NAME], { isQuestion: true });
}

async function systemctl(
  scope: Scope,
  args: readonly string[],
  { isQuestion = false }: { isQuestion?: boolean } = {},
): Promise<string> {
  const words = [...(scope === 'user' ? ['--user'] : []), ...args];
  try {
    return (await run('systemctl', words)).stdout;
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number | string; stdout?: string; stderr?: string };
    // That a unit does not run is an answer too, though the exit code is not 0.
    if (isQuestion && stdout) return stdout;
    const why = code === 'ENOENT' ? 'systemd is not installed here' : (stderr || String(error)).trim();
    throw new WakegateError(
      'WG_SERVICE_FAILED',
      `systemctl ${words.join(' ')}: ${why.replaceAll(/\s*\n\s*/g, ' / ')}${rootRemedy(scope)}`,
      { cause: error },
    );
  }
}

function rootRemedy(scope: Scope): string {
  const isRoot = process.getuid?.() === 0;
  return scope === 'system' && !isRoot ? ' (use sudo, or --user for a service of your own)' : '';
}

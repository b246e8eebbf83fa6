import { execFile } from 'node:child_process';
import { chown, copyFile, mkdir, mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { RUN_ARGS, type UnitOptions } from './unit.js';

export interface Rehearsal extends UnitOptions {
  /** What the settings name, where they do. */
  readonly settings: { readonly stateDirectory?: string | undefined; readonly model?: string | undefined };
}

/** A user with no rights of its own, as the one is that systemd makes for the service. */
const NOBODY = 65_534;
const TIMEOUT_MS = 60_000;
/** As systemd has it for services. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Of the login that a service of the user belongs to. */
const USER_VARIABLES = ['HOME', 'USER', 'LOGNAME', 'XDG_RUNTIME_DIR', 'XDG_STATE_HOME', 'PATH'];

/**
 * Runs `config check` as the service would run: in its environment and, for a service of the machine, as a user without rights. Only root
 * can do that; others check by their own rights.
 *
 * @returns what would keep the service from running, as a sentence; null where nothing is known to
 */
export async function rehearse(options: Rehearsal): Promise<string | null> {
  if (options.scope === 'user')
    return check(options, { cwd: process.env.HOME || '/', env: userEnvironment() });
  const hidden = await hiddenFromService(options);
  if (hidden !== null) return hidden;
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-check-'));
  try {
    return await check(options, await systemSurroundings(options, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(USER_VARIABLES.map((name) => [name, process.env[name]]));
}

/** What systemd makes for a service of the machine: its folders for state and credentials, and its user. */
async function systemSurroundings(
  { tokenFile, tokenName }: Rehearsal,
  folder: string,
): Promise<Surroundings> {
  const env: NodeJS.ProcessEnv = { PATH, STATE_DIRECTORY: join(folder, 'state') };
  await mkdir(env.STATE_DIRECTORY!);
  const owned = [folder, env.STATE_DIRECTORY!];
  if (tokenFile !== undefined) {
    env.CREDENTIALS_DIRECTORY = join(folder, 'credentials');
    await mkdir(env.CREDENTIALS_DIRECTORY);
    const credential = join(env.CREDENTIALS_DIRECTORY, tokenName);
    await copyFile(tokenFile, credential);
    owned.push(env.CREDENTIALS_DIRECTORY, credential);
  }
  if (process.getuid?.() !== 0) return { cwd: '/', env };
  for (const path of owned) await chown(path, NOBODY, NOBODY);
  return { cwd: '/', env, uid: NOBODY, gid: NOBODY };
}

async function check(
  { node, script, configFile }: Rehearsal,
  surroundings: Surroundings,
): Promise<string | null> {
  const words = [script, 'config', 'check', ...RUN_ARGS];
  if (configFile !== undefined) words.push('--config', configFile);
  try {
    await promisify(execFile)(node, words, { ...surroundings, timeout: TIMEOUT_MS });
    return null;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const [, said] = /^wakegate: (?:\[\w+\] )?(.*)$/m.exec(stderr ?? '') ?? [];
    const closed =
      (await closedPlace(node)) ?? (await closedPlace(script)) ?? (await closedPlace(configFile));
    if (closed !== null && surroundings.uid !== undefined) return closed;
    if (said !== undefined) return said;
    const lines = (stderr || (error as Error).message).trim().split('\n');
    return `${node} cannot run ${script}: ${lines.find((line) => /error/i.test(line)) ?? lines[0]}`;
  }
}

/** What the unit keeps from the service whatever its rights. */
async function hiddenFromService({ node, script, configFile, settings }: Rehearsal): Promise<string | null> {
  if (settings.stateDirectory !== undefined) {
    return (
      `it may write nowhere but in its own folder, /var/lib/wakegate, and not in ${settings.stateDirectory}: ` +
      'leave out stateDirectory'
    );
  }
  for (const path of [node, script, configFile, settings.model]) {
    if (path === undefined || !path.startsWith('/')) continue;
    const real = await realpath(path).catch(() => path);
    if (/^\/(var\/)?tmp\//.test(real))
      return `${real} is in a folder that it does not see: move it out of /tmp`;
  }
  return null;
}

/** Why a user without rights cannot read a file; null where it can, or there is none. */
async function closedPlace(path: string | undefined): Promise<string | null> {
  if (path === undefined) return null;
  const file = await realpath(path).catch(() => path);
  const places = [file];
  for (let place = dirname(file); place !== dirname(place); place = dirname(place)) places.unshift(place);
  for (const place of places) {
    const status = await stat(place).catch(() => null);
    if (status === null) return null;
    if (status.mode & (status.isDirectory() ? 0o001 : 0o004)) continue;
    return (
      `its user cannot read ${file}, as ${place} is closed to others: ` +
      (place === file
        ? `run chmod o+r ${file}`
        : 'put it where everyone can read it (Node.js by a package, wakegate by "sudo npm install --global" of what "npm pack" makes, ' +
          'settings in /etc), or use --user for a service of your own')
    );
  }
  return null;
}

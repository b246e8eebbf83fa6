import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeWav } from '../../src/audio/index.js';
import { spokenWords } from '../support/spoken-words.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { WakegateProcess } from '../support/wakegate-process.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const folder = temporaryFolder();

/** The blocks of commands that the page asks its reader to run. */
const page = readFileSync(join(ROOT, 'docs/reference/http-api.md'), 'utf8');
const [[start], ...blocks] = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, commands]) =>
  commands.trim().split('\n'),
);
const commands = blocks.flat();
/** Shown, but not run: they need a microphone. */
const shown = [...page.matchAll(/^```text\n(curl .*?)^```/gms)].flatMap(([, lines]) =>
  lines.trim().split('\n'),
);

/** What each command of the command line asks the daemon for. */
const ASKED_BY: Readonly<Record<string, string>> = {
  hooks: 'GET /v1/hooks',
  status: 'GET /v1/status',
  events: 'GET /v1/events',
  listen: 'GET /v1/listen',
  mute: 'POST /v1/mute',
  unmute: 'POST /v1/unmute',
  energy: 'GET /v1/energy',
};

/** The routes that a command uses, as `GET /v1/captures/{id}`. */
function routesOf(command: string): string[] {
  const [, name] = command.match(/^wakegate (\w+)/) ?? [];
  if (name) return [ASKED_BY[name]];
  const [, method = 'GET'] = command.match(/ -X (\w+)/) ?? [];
  return [...command.matchAll(/\$W(\/[^\s"?);]*)/g)].map(([, path]) => {
    return `${method} ${path.replace('$ID', '{id}').replace(/\/(alexa|chime|hey_kitchen)/, '/{name}')}`;
  });
}

test('docs/reference/http-api.md runs as it stands, and uses every route', {
  timeout: 300_000,
}, async (t) => {
  if (spawnSync('curl', ['--version']).error) return t.skip('there is no curl here: apt-get install curl');
  // A sample so long that the daemon still hears it at the last command, however slow the machine.
  const { samples } = await spokenWords(200);
  const long = join(folder, 'long.wav');
  writeFileSync(long, writeWav(samples, 16_000));
  symlinkSync(join(ROOT, 'samples'), join(folder, 'samples'));
  const shim = join(folder, 'wakegate');
  writeFileSync(
    shim,
    `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'dist/src/cli/main.cjs')}" "$@"\n`,
  );
  chmodSync(shim, 0o755);

  const [, hooks, flags] = start.match(/^WAKEGATE_HOOKS='(.*)' wakegate (run .*)/)!;
  const state = join(folder, 'state');
  const settings = flags.replace('samples/demo.wav', long).split(' ');
  const args = [...settings, '--port', '0', '--backend', 'wasm', '--state-directory', state];
  const daemon = new WakegateProcess(t, args, { cwd: folder, env: { WAKEGATE_HOOKS: hooks } });
  const url = await daemon.url();

  const script = commands.join('\n').replace('http://127.0.0.1:8765', url);
  assert.ok(script.includes(url));
  const shell = spawn('bash', ['-e', '-u'], {
    cwd: folder,
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, WAKEGATE_PORT: new URL(url).port },
  });
  t.after(() => shell.kill('SIGKILL'));
  shell.stdin.end(script);
  const ended = new Promise((resolve) => shell.on('close', resolve));
  const [output, complaints, code] = await Promise.all([text(shell.stdout), text(shell.stderr), ended]);
  // curl complains that head has had enough, as it should.
  const told = complaints.split('\n').filter((line) => line && !/^curl: \((23|56)\)/.test(line));
  assert.deepEqual([code, told], [0, []], output.slice(-2000));
  assert.match(output, /"type":"detection".*"keyword":"alexa"/);
  assert.equal(readFileSync(join(folder, 'clip.wav')).toString('latin1', 0, 4), 'RIFF');

  const { paths } = JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8')) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const used = new Set([...commands, ...shown].flatMap(routesOf));
  assert.ok(routes.length > 20);
  assert.deepEqual(
    routes.filter((route) => !used.has(route)),
    [],
  );
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temp-folder.js';
import { wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const SHELLS = ['bash', 'zsh', 'fish'] as const;
const script = (shell: string) => join(folder, `wakegate.${shell}`);

const MAIN = fileURLToPath(new URL('../../src/cli/main.cjs', import.meta.url));

before(() => {
  for (const shell of SHELLS) {
    writeFileSync(script(shell), spawnSync(process.execPath, [MAIN, 'completion', shell]).stdout);
  }
});

/** What bash offers for the last of these words, once it has sourced the script. */
function bashOffers(...words: string[]): string[] {
  const commands = `
    source "$1"; shift
    [[ $(complete -p wakegate) == *_wakegate* ]] || exit 1
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _wakegate
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '--noprofile', '-c', commands, 'bash', script('bash'), 'wakegate', ...words];
  const { status, stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout.split('\n').filter(Boolean);
}

test('bash completes commands, their subcommands, options, and the values of options', () => {
  assert.deepEqual(bashOffers('st'), ['status']);
  assert.deepEqual(bashOffers('config', ''), ['print', 'check', 'reference']);
  assert.deepEqual(bashOffers('config', 'print', '--c'), ['--config']);
  assert.deepEqual(bashOffers('run', '--verbose', '--gate', 'o'), ['on', 'off']);
  assert.deepEqual(bashOffers('eval', '--split', 't'), ['train', 'test']);
  assert.deepEqual(bashOffers('completion', ''), [...SHELLS]);
  assert.deepEqual(bashOffers('help', 'un'), ['unmute']);
});

test('bash takes the value of an option for no command, and offers nothing for a value of its own', () => {
  assert.deepEqual(bashOffers('run', '--input', 'config', '--captures', ''), ['on', 'off']);
  assert.deepEqual(bashOffers('status', '--url', ''), []);
});

test('flags that are hidden in the help are not offered', () => {
  const offered = bashOffers('status', '--');
  assert.ok(offered.includes('--url'));
  assert.ok(!offered.includes('--port'));
  assert.ok(bashOffers('run', '--').includes('--port'));
});

const isMissing = (shell: string) =>
  spawnSync(shell, ['--version']).status === 0 ? false : `${shell} is not installed`;

test('fish completes commands and values, with descriptions, and files', { skip: isMissing('fish') }, () => {
  const offers = (line: string) => {
    const commands = ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script('fish'), line];
    const { status, stdout, stderr } = spawnSync('fish', commands, { encoding: 'utf8', cwd: folder });
    assert.deepEqual([status, stderr], [0, '']);
    return stdout.split('\n').filter(Boolean);
  };
  assert.deepEqual(offers('wakegate stat'), ['status\tPrint the status of a running daemon']);
  assert.deepEqual(
    offers('wakegate run --gate ').map((line) => line.split('\t')[0]),
    ['off', 'on'],
  );
  assert.deepEqual(offers('wakegate detect wakegate.b'), ['wakegate.bash']);
});

test('zsh reads its script and registers the function', { skip: isMissing('zsh') }, () => {
  const commands = 'autoload -Uz compinit && compinit -u -D && source $1 && print $_comps[wakegate]';
  const { status, stdout, stderr } = spawnSync('zsh', ['-f', '-c', commands, 'zsh', script('zsh')], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout, stderr], [0, '_wakegate\n', '']);
});

test('an unknown shell is wrong usage', async (t) => {
  const { code, stderr } = await wakegate(t, ['completion', 'tcsh']);
  assert.equal(code, 2);
  assert.match(stderr, /\[WG_USAGE\] .*Allowed choices are bash, zsh, fish\./);
});

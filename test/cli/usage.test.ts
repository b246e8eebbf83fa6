import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createProgram } from '../../src/cli/program.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');

before(async () => {
  await makeTinyPack(pack);
});

/** That it prints one sentence with this code on stderr, nothing on stdout but the log, and ends with this exit code. */
async function refuses(
  t: TestContext,
  args: readonly string[],
  { code, exit, says }: { code: string; exit: 1 | 2; says: RegExp },
  env: Record<string, string> = {},
): Promise<void> {
  const ended = await wakegate(t, args, { env, cwd: folder });
  assert.equal(ended.code, exit, ended.stderr);
  assert.match(ended.stderr, new RegExp(`^wakegate: \\[${code}\\] [^\\n]*\\n$`), 'one line, and no stack');
  assert.match(ended.stderr, says);
}

test('--version and --help are answered on stdout, with exit code 0', async (t) => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const [asked, helped] = await Promise.all([wakegate(t, ['--version']), wakegate(t, ['run', '--help'])]);
  assert.deepEqual([asked.code, asked.stdout, asked.stderr], [0, `${version}\n`, '']);
  assert.equal(helped.code, 0);
  for (const flag of [
    '--input',
    '--model',
    '--config',
    '--host',
    '--port',
    '--backend',
    '--gate',
    '--verbose',
  ]) {
    assert.match(helped.stdout, new RegExp(`${flag}\\b`));
  }
});

test('wakegate alone says what to do next', async (t) => {
  const { code, stdout, stderr } = await wakegate(t, []);
  assert.deepEqual([code, stderr], [0, '']);
  for (const command of ['run', 'detect', 'doctor', 'status', 'help']) {
    assert.match(stdout, new RegExp(`wakegate ${command}\\b`));
  }
});

test('a group of commands without one of them is wrong usage, and its help goes to stderr', async (t) => {
  const { code, stdout, stderr } = await wakegate(t, ['config']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^Usage: wakegate config/);
});

test('the help lists commands in groups, and that of each has examples that it understands', async (t) => {
  const { stdout } = await wakegate(t, ['--help']);
  const headings = [...stdout.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, [
    'Options',
    'Listen',
    'Share the work of several machines',
    'Talk to a running daemon',
    'Keywords of your own',
    'Train and measure model packs',
    'Set up',
  ]);
  const program = createProgram();
  for (const command of program.commands) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    const examples = [...help.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line);
    assert.ok(examples.length > 0, command.name());
    for (const example of examples) {
      const [, words] = example.match(/wakegate ([^|>&')]*)/) ?? [];
      assert.ok(words?.startsWith(command.name()) || words?.startsWith('run'), example);
      const known = program.commands.find((one) => words.startsWith(one.name()))!;
      const nested = known.commands.find((one) => words.split(' ')[1] === one.name()) ?? known;
      for (const [flag] of words.matchAll(/--[a-z-]+/g)) {
        assert.ok(
          nested.options.some(({ long }) => long === flag),
          `${flag} in: ${example}`,
        );
      }
    }
  }
});

test('an unknown command or option is wrong usage', async (t) => {
  const wrong = (args: readonly string[], says: RegExp) =>
    refuses(t, args, { code: 'WG_USAGE', exit: 2, says });
  await Promise.all([
    wrong(['lisen'], /unknown command 'lisen' \(Did you mean listen\?\)/),
    wrong(['run', '--prot', '1'], /'--prot' \(Did you mean --port\?\)/),
  ]);
});

test('an unknown key in the configuration is wrong usage, and the right one is suggested', async (t) => {
  const config = join(folder, 'config.yaml');
  writeFileSync(config, 'modle: x\n');
  const expected = {
    code: 'WG_CONFIG_INVALID',
    exit: 2,
    says: /config\.yaml: .*modle; did you mean model\?/,
  } as const;
  await Promise.all([
    refuses(t, ['run', '--config', config], expected),
    refuses(t, ['run'], { ...expected, says: /did you mean WAKEGATE_PORT\?/ }, { WAKEGATE_PROT: '1' }),
  ]);
});

test('settings of a keyword that the model pack does not have are wrong usage', async (t) => {
  const expected = {
    code: 'WG_CONFIG_INVALID',
    exit: 2,
    says: /no keyword onne; did you mean one\?/,
  } as const;
  await refuses(t, ['run', '--model', pack], expected, { WAKEGATE_KEYWORDS: '{"onne":{"patience":2}}' });
});

test('an unknown model pack', async (t) => {
  const unknown = (args: readonly string[], says: RegExp) =>
    refuses(t, args, { code: 'WG_MODEL_NOT_FOUND', exit: 1, says });
  await Promise.all([
    unknown(['run', '--model', 'nobody'], /named nobody/),
    unknown(['detect', '--model', './no', 'x.wav'], /\.\/no/),
  ]);
});

test('a port that is taken', async (t) => {
  const other = createServer();
  t.after(() => other.close());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  await refuses(t, ['run', '--model', pack, '--input', 'mic', '--port', `${port}`], {
    code: 'WG_PORT_UNAVAILABLE',
    exit: 1,
    says: new RegExp(`port ${port} .*--port`),
  });
});

test('no program that records', async (t) => {
  const args = ['run', '--model', pack, '--port', '0', '--input', 'mic'];
  const expected = { code: 'WG_RECORDER_MISSING', exit: 1, says: /arecord/ } as const;
  await refuses(t, args, expected, { PATH: join(folder, 'nothing') });
});

test('a file to play that is not there, and one that is no audio', async (t) => {
  writeFileSync(join(folder, 'notes.wav'), 'buy milk\n');
  const run = ['run', '--model', pack, '--port', '0', '--input'];
  await Promise.all([
    refuses(t, [...run, 'missing.wav'], { code: 'WG_INPUT_NOT_FOUND', exit: 1, says: /missing\.wav/ }),
    refuses(t, [...run, 'notes.wav'], { code: 'WG_AUDIO_UNSUPPORTED', exit: 1, says: /notes\.wav/ }),
  ]);
});

test('detect without files, with both kinds of naming them, or with an empty list is wrong usage', async (t) => {
  const list = join(folder, 'list.txt');
  writeFileSync(list, '\n\n');
  const wrong = (args: readonly string[], says: RegExp) =>
    refuses(t, ['detect', ...args], { code: 'WG_USAGE', exit: 2, says });
  await Promise.all([
    wrong([], /no file was given/),
    wrong(['--list', list], /list\.txt names no file/),
    wrong(['--list', '-'], /stdin names no file/),
    wrong(['--list', list, 'a.wav'], /not both/),
    refuses(t, ['detect', '--list', 'no.txt'], { code: 'WG_INPUT_NOT_FOUND', exit: 1, says: /no\.txt/ }),
  ]);
});

test('a threshold or a number of jobs that cannot be is wrong usage', async (t) => {
  const wrong = (flag: string, value: string, says: RegExp) =>
    refuses(t, ['detect', flag, value, 'a.wav'], { code: 'WG_USAGE', exit: 2, says });
  await Promise.all([
    ...['0', 'high'].map((threshold) => wrong('--threshold', threshold, /over 0 and up to 1/)),
    wrong('--jobs', '0', /from 1 to/),
  ]);
});

test('--verbose shows where an error comes from', async (t) => {
  const { code, stderr } = await wakegate(t, ['run', '--model', 'nobody', '--verbose']);
  assert.equal(code, 1);
  assert.match(stderr, /^wakegate: \[WG_MODEL_NOT_FOUND\]/);
  assert.match(stderr, /\n {4}at .*resolve/);
});

test('the file that units of before name, with the flags that they give, still runs', () => {
  const former = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
  const ended = spawnSync(process.execPath, ['--max-semi-space-size=1', former, '--version'], {
    encoding: 'utf8',
  });
  assert.deepEqual([ended.status, ended.stderr], [0, '']);
  assert.match(ended.stdout, /^\d+\.\d+\.\d+\n$/);
});

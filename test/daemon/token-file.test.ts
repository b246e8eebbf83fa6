import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { makeToken } from '../../src/daemon/token-file.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const logger = pino({ level: 'silent' });

const IN_THE_WAY: Readonly<Record<string, (path: string) => void>> = {
  'an empty file': (path) => writeFileSync(path, ''),
  'a folder': (path) => mkdirSync(join(path, 'not-empty'), { recursive: true }),
  'a pipe': (path) => assert.equal(spawnSync('mkfifo', [path]).status, 0),
};

for (const [what, put] of Object.entries(IN_THE_WAY)) {
  test(`${what} in the place of the token that the daemon makes is put aside, and one is made`, {
    skip: process.platform === 'win32' && 'there are no pipes with names',
  }, async () => {
    const stateDirectory = join(folder, what);
    mkdirSync(stateDirectory);
    const path = join(stateDirectory, 'token');
    put(path);
    const config = { makeToken: 'on', host: '0.0.0.0', stateDirectory } as const;
    await makeToken(config, logger);
    const token = readFileSync(path, 'utf8');
    assert.match(token, /^[\w-]{43}\n$/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(readdirSync(stateDirectory).filter((name) => name.startsWith('token.corrupt-')).length, 1);
    await makeToken(config, logger);
    assert.equal(readFileSync(path, 'utf8'), token, 'and stays');
  });
}

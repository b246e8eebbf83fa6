import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecret, signatureHeaders } from '../../../src/bridges/hooks/signature.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const skip = spawnSync('openssl', ['version']).error ? 'there is no openssl here' : false;

function secretFile(text: string): string {
  const path = join(folder, 'secret');
  writeFileSync(path, text);
  return path;
}

const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const BODY = '{"test": 2432232314}';

test('a signature is what the package standardwebhooks 1.0 computes', async () => {
  const secret = await readSecret(secretFile('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n'));
  assert.deepEqual(signatureHeaders(secret, ID, 1_614_265_330, BODY), {
    'webhook-id': ID,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a secret that is plain text signs as openssl dgst does with it', { skip }, async () => {
  const secret = await readSecret(secretFile('a-plain-secret-of-mine'));
  const { 'webhook-signature': signature } = signatureHeaders(secret, ID, 1_614_265_330, BODY);
  const input = `${ID}.1614265330.${BODY}`;
  const args = ['dgst', '-sha256', '-hmac', 'a-plain-secret-of-mine', '-binary'];
  const { stdout } = spawnSync('openssl', args, { input });
  assert.equal(signature, `v1,${stdout.toString('base64')}`);
  assert.deepEqual(Object.keys(signatureHeaders(null, ID, 1, BODY)), ['webhook-id', 'webhook-timestamp']);
});

test('a file that holds no secret is refused with how to make one', async () => {
  for (const [text, problem] of [
    ['', /one word, of 16/],
    ['short', /one word, of 16/],
    ['two words that are long enough', /one word/],
    ['whsec_not base64 at all, but long', /base64 after whsec_/],
    [`whsec_${'A'.repeat(8)}`, /one word, of 16/],
    ['x'.repeat(2000), /to 1024 bytes/],
  ] as const) {
    await assert.rejects(readSecret(secretFile(text)), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'WG_CONFIG_INVALID');
      assert.match(error.message, problem);
      assert.match(error.message, /make one with \(umask 077/);
      return true;
    });
  }
  await assert.rejects(readSecret(join(folder, 'none')), /none cannot be read .*ENOENT/);
  const made = secretFile(`whsec_${Buffer.from('0123456789abcdef').toString('base64')}`);
  assert.equal(Buffer.from(await readSecret(made)).toString(), '0123456789abcdef');
});

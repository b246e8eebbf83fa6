import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { download } from '../../../src/training/voices/download.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`;
}

/** Sends the range that is asked for, and breaks the connection after `most` bytes. */
const inPieces =
  (asked: (string | undefined)[], most: number): RequestListener =>
  ({ headers }, response) => {
    asked.push(headers.range);
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from });
    response.write(content.subarray(from, from + most), () => {
      if (from + most < content.length) response.destroy();
      else response.end();
    });
  };

test('a download that is broken off is continued, in one run and from one run to the next', async (t) => {
  const asked: (string | undefined)[] = [];
  const from = await serve(t, inPieces(asked, 130_000));
  const to = join(folder, 'continued');
  // What an earlier run left.
  writeFileSync(`${to}.part`, content.subarray(0, 1000));
  await download({ from, to, sha256 });
  assert.ok(readFileSync(to).equals(content));
  assert.equal(asked[0], 'bytes=1000-');
  assert.ok(asked.length >= 3 && asked.every((range) => range !== undefined));
  assert.ok(!existsSync(`${to}.part`));
  const before = asked.length;
  await download({ from, to, sha256 });
  assert.equal(asked.length, before, 'what is there is not fetched again');
});

test('a server that cannot continue begins from the start', async (t) => {
  const from = await serve(t, (_, response) => response.end(content));
  const to = join(folder, 'whole');
  writeFileSync(`${to}.part`, randomBytes(1000));
  await download({ from, to, sha256 });
  assert.ok(readFileSync(to).equals(content));
});

test('another file than expected is refused, and not kept', async (t) => {
  const from = await serve(t, (_, response) => response.end('<html>Sign in</html>'));
  const to = join(folder, 'other');
  await assert.rejects(download({ from, to, sha256 }), {
    code: 'WG_DATA_INVALID',
    message: /another file than expected \(sha256 [0-9a-f]{64}, not [0-9a-f]{64}\): it was not kept/,
  });
  assert.ok(!existsSync(to) && !existsSync(`${to}.part`));
  // A part that is longer than the file: the server says 416.
  const tooLong = await serve(t, (_, response) => response.writeHead(416).end());
  writeFileSync(`${to}.part`, randomBytes(400_000));
  await assert.rejects(download({ from: tooLong, to, sha256 }), /another file than expected/);
  assert.ok(!existsSync(`${to}.part`), 'so that the next run begins from the start');
});

test('what cannot be had is said with its reason, and what came is kept', async (t) => {
  const to = join(folder, 'gone');
  const gone = await serve(t, (_, response) => response.writeHead(404).end());
  await assert.rejects(
    download({ from: gone, to, sha256 }),
    /model\.onnx cannot be downloaded: the server answers 404/,
  );
  await assert.rejects(
    download({ from: 'http://127.0.0.1:1/model.onnx', to, sha256 }),
    /cannot be downloaded \(.*\): run it again to continue/,
  );
  await assert.rejects(download({ from: join(folder, 'nowhere'), to, sha256 }), /nowhere cannot be read/);

  let asked = 0;
  const silent = await serve(t, (_, response) => {
    // The first answer begins, and then nothing comes any more.
    if (asked++ === 0) response.writeHead(200).write(content.subarray(0, 5000));
  });
  await assert.rejects(
    download({ from: silent, to, sha256, stalledMs: 300 }),
    /cannot be downloaded \(nothing came for 0\.3 s\): run it again to continue/,
  );
  assert.ok(readFileSync(`${to}.part`).equals(content.subarray(0, 5000)));
});

test('a file serves as well', async () => {
  const from = join(folder, 'local');
  writeFileSync(from, content);
  const to = join(folder, 'copied');
  await download({ from, to, sha256 });
  assert.ok(readFileSync(to).equals(content));
});

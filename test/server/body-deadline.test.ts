import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { fastify } from 'fastify';
import { ErrorSchema } from '../../src/protocol/schemas/index.js';
import { limitBodyTime } from '../../src/server/body-deadline.js';
import { answerError } from '../../src/server/errors.js';

/** An app that answers what it was sent, and has little patience. */
async function start(t: TestContext): Promise<string> {
  const app = fastify();
  t.after(() => app.close());
  app.setErrorHandler(answerError);
  app.addHook('preParsing', limitBodyTime(50));
  app.post('/prompt', { bodyLimit: 100 }, async ({ body }) => body);
  app.post('/slow', { config: { slowBody: true } }, async ({ body }) => body);
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** Sends the beginning of a JSON body. */
function begin(t: TestContext, url: string) {
  const sending = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
  t.after(() => sending.destroy());
  sending.on('error', () => {}); // it is cut off after the answer
  sending.write('{"a":');
  return sending;
}

test('a body that does not come is refused, and its connection closed', async (t) => {
  const sending = begin(t, `${await start(t)}/prompt`);
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 408);
  assert.equal(Value.Parse(ErrorSchema, JSON.parse(await text(answer))).error.code, 'WG_TOO_SLOW');
  assert.equal(answer.headers.connection, 'close');
});

test('where bodies may be slow, and where they come, nothing is refused', async (t) => {
  const url = await start(t);
  const sending = begin(t, `${url}/slow`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  sending.end('1}');
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  assert.deepEqual(JSON.parse(await text(answer)), { a: 1 });

  const prompt = await fetch(`${url}/prompt`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"b":2}',
  });
  assert.deepEqual(await prompt.json(), { b: 2 });
});

test('a body that is refused for its size is over with: its time does not run out later', async (t) => {
  const url = `${await start(t)}/prompt`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const headers = { 'content-type': 'application/json' };
  for (let round = 0; round < 3; round++) {
    const sending = request(url, { method: 'POST', headers, agent });
    sending.on('error', () => {});
    sending.write(Buffer.alloc(200_000, ' '));
    sending.end('{}');
    const [answer] = (await once(sending, 'response')) as [IncomingMessage];
    assert.equal(answer.statusCode, 413);
    answer.resume();
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  const after = await fetch(url, { method: 'POST', headers, body: '{"c":3}' });
  assert.deepEqual(await after.json(), { c: 3 });
});

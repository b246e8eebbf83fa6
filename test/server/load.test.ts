import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { Classifier } from '../../src/classifier/index.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { detectFile } from '../../src/detect-audio.js';
import type { ModelPack } from '../../src/model/index.js';
import { DetectReportSchema } from '../../src/protocol/schemas/index.js';
import { Subscriber, startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

/** What `npm run bench:service` does with more of everything, as far as it does not depend on how fast it goes. */

const folder = temporaryFolder();
const live = wavFile(folder, 'live.wav', voice(16_000, 3));
const body = wavFile(folder, 'body.wav', voice(16_000, 1.5));
let pack: ModelPack;
let ofLive: Awaited<ReturnType<typeof detectFile>>;
let ofBody: Awaited<ReturnType<typeof detectFile>>;

before(async () => {
  pack = await makeTinyPack(join(folder, 'pack'));
  const classifier = new Classifier({ pack, backend: 'wasm' });
  ofLive = await detectFile(live, { pack, classifier });
  ofBody = await detectFile(body, { pack, classifier });
  await classifier.close();
  assert.ok(ofLive.detections.length > 0 && ofBody.detections.length > 0, 'there is something to compare');
});

const ended = ({ events }: Daemon) =>
  new Promise<void>((resolve) => {
    events.on('event', (event) => event.type === 'input' && event.state === 'ended' && resolve());
  });

const detectionsOf = ({ messages }: Subscriber) =>
  messages.flatMap((message) =>
    message.type === 'detection'
      ? [
          {
            keyword: message.keyword,
            time: Number(message.seconds.toFixed(3)),
            score: Number(message.score.toFixed(6)),
          },
        ]
      : [],
  );

test('many bodies at once are all answered, as are those asked to try again, and the input misses nothing', async (t) => {
  const daemon = await startDaemon(t, { model: pack.directory, input: live });
  const hasEnded = ended(daemon);
  const subscriber = new Subscriber(t, daemon.url!);
  await subscriber.message('snapshot');
  const wav = readFileSync(body);
  const statuses = new Set<number>();
  async function untilAnswered(): Promise<void> {
    for (;;) {
      const answer = await fetch(`${daemon.url}/v1/detect`, {
        method: 'POST',
        headers: { 'content-type': 'audio/wav' },
        body: wav,
      });
      statuses.add(answer.status);
      const answered = await answer.json();
      if (answer.status === 200) {
        assert.deepEqual(Value.Parse(DetectReportSchema, answered).detections, ofBody.detections);
        return;
      }
      assert.equal(answer.headers.get('retry-after'), '1');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  await Promise.all(Array.from({ length: 12 }, untilAnswered));
  assert.deepEqual([...statuses].sort(), [200, 429]);

  await hasEnded;
  await subscriber.message('input', ({ state }) => state === 'ended');
  assert.deepEqual(detectionsOf(subscriber), ofLive.detections);
  assert.equal(daemon.status().input.gaps, 0);
  assert.equal(daemon.status().classifier.dropped, 0);
});

test('a keyword that is changed over and over leaves the detections of the other as they are', async (t) => {
  const [{ keyword: heard }] = ofLive.detections;
  const other = pack.keywords.find(({ name }) => name !== heard)!.name;
  const only = { [other]: { enabled: false } };
  const classifier = new Classifier({ pack, backend: 'wasm' });
  t.after(() => classifier.close());
  const keywords = pack.keywords.map((settings) => ({ ...settings, enabled: settings.name === heard }));
  const expected = await detectFile(live, { pack: { ...pack, keywords }, classifier });

  const daemon = await startDaemon(t, { model: pack.directory, input: live, keywords: only });
  let isOver = false;
  const hasEnded = ended(daemon).then(() => {
    isOver = true;
  });
  const subscriber = new Subscriber(t, daemon.url!);
  await subscriber.message('snapshot');
  let changes = 0;
  while (!isOver) await daemon.changeKeyword(other, { threshold: ++changes % 2 === 0 ? 0.2 : 0.9 });
  await hasEnded;
  await subscriber.message('input', ({ state }) => state === 'ended');
  assert.ok(changes > 1);
  const told = () => subscriber.messages.filter(({ type }) => type === 'config').length;
  while (told() < changes) await once(subscriber.socket, 'message');
  assert.equal(told(), changes);
  assert.deepEqual(detectionsOf(subscriber), expected.detections);
  assert.equal(daemon.status().input.gaps, 0);
});

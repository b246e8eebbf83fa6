import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { FormatRegistry } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { WakegateClient } from '../../../src/client/index.js';
import type { Daemon } from '../../../src/daemon/daemon.js';
import { KeywordPeaksSchema, ThresholdForecastSchema } from '../../../src/protocol/schemas/index.js';
import { startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'voice.wav', voice(16_000, 2));
const EAGER = { gate: 'off', keywords: { one: { threshold: 0.35 }, two: { enabled: false } } } as const;

before(async () => {
  await makeTinyPack(pack);
});

FormatRegistry.Set('date-time', (text) => new Date(text).toISOString() === text);

const ended = (daemon: Daemon) =>
  new Promise<void>((resolve) => {
    daemon.events.on('event', (event) => event.type === 'input' && event.state === 'ended' && resolve());
  });

test('a threshold shows what it would have done, with labels, and still after a restart', async (t) => {
  const stateDirectory = join(folder, 'lasting');
  const daemon = await startDaemon(t, { model: pack, input, captures: 'on', stateDirectory, ...EAGER });
  let detections = 0;
  daemon.events.on('event', (event) => {
    if (event.type === 'detection') detections++;
  });
  await ended(daemon);
  const client = new WakegateClient({ url: daemon.url! });
  assert.ok(detections > 0, 'there is something to forecast');

  const known = await client.peaks('one');
  Value.Assert(KeywordPeaksSchema, known);
  assert.equal(known.peaks.filter(({ detected }) => detected).length, detections);
  const highest = Math.max(...known.peaks.map(({ score }) => score));

  const same = await client.thresholdForecast('one', 0.35);
  Value.Assert(ThresholdForecastSchema, same);
  assert.deepEqual(
    same.spans.map(({ span }) => span),
    ['hour', 'day', 'captures'],
  );
  for (const { now, would } of same.spans.slice(0, 2)) {
    assert.equal(now.detections, detections);
    assert.deepEqual(would, now);
  }

  // Whoever labels sees what becomes of it.
  let captures = await client.captures();
  while (captures.captures.length < detections) captures = await client.captures();
  const [capture] = captures.captures;
  await client.labelCapture(capture.id, { label: 'wrong' });
  const higher = Math.min(1, highest + 0.001);
  const stricter = await client.thresholdForecast('one', higher);
  for (const { span, now, would } of stricter.spans) {
    assert.deepEqual([now.falseAccepts, would.falseAccepts], [1, 0], span);
    assert.deepEqual(would, { detections: 0, falseAccepts: 0, misses: 0, unsure: 0 });
  }
  await client.labelCapture(capture.id, { label: 'right' });
  const missed = await client.thresholdForecast('one', higher);
  for (const { now, would } of missed.spans) assert.deepEqual([now.misses, would.misses], [0, 1]);

  await daemon.stop();
  const again = await startDaemon(t, { model: pack, input, captures: 'on', stateDirectory, ...EAGER });
  const after = await new WakegateClient({ url: again.url! }).peaks('one');
  assert.deepEqual(
    after.peaks.slice(-known.peaks.length),
    known.peaks.map((peak) => ({
      ...peak,
      label: peak.capture === capture.id ? 'right' : peak.label,
      capture: after.peaks.find(({ heardAt }) => heardAt === peak.heardAt)!.capture,
    })),
  );
  assert.equal(after.since, known.since);
});

test('what is no threshold, or no keyword, is refused', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  for (const [path, status] of [
    ['one/forecast', 400],
    ['one/forecast?threshold=0', 400],
    ['one/forecast?threshold=1.5', 400],
    ['one/forecast?threshold=high', 400],
    ['three/forecast?threshold=0.5', 404],
    ['three/peaks', 404],
  ] as const) {
    assert.equal((await fetch(`${daemon.url}/v1/keywords/${path}`)).status, status, path);
  }
});

test('a threshold that was changed can be taken back', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input, ...EAGER });
  const client = new WakegateClient({ url: daemon.url! });
  const [before] = await client.keywords();
  assert.deepEqual([before.threshold, before.defaultThreshold, before.changed], [0.35, 0.35, false]);
  const changed = await client.changeKeyword('one', { threshold: 0.8 });
  assert.deepEqual([changed.threshold, changed.defaultThreshold, changed.changed], [0.8, 0.35, true]);
  assert.deepEqual(await client.changeKeyword('one', { threshold: null }), before);
});

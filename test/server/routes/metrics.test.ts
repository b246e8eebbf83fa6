import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { Daemon } from '../../../src/daemon/daemon.js';
import { Subscriber, startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'voice.wav', voice(16_000, 1));

before(async () => {
  await makeTinyPack(pack);
});

/** Samples of the exposition format, by name and labels as they are written; each has been described before. */
async function scrape({ url }: Daemon): Promise<Map<string, number>> {
  const answer = await fetch(`${url}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  const described = new Set<string>();
  const samples = new Map<string, number>();
  for (const line of (await answer.text()).split('\n')) {
    if (line === '') continue;
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type) described.add(type[1]);
    if (line.startsWith('#')) continue;
    const [, name, labels = '', value] = /^([a-z_]+)(\{.*\})? (\S+)$/.exec(line)!;
    assert.ok(described.has(name) || described.has(name.replace(/_(bucket|sum|count)$/, '')), line);
    assert.ok(Number.isFinite(Number(value)), line);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

const ended = (daemon: Daemon) =>
  new Promise<void>((resolve) => {
    daemon.events.on('event', (event) => event.type === 'input' && event.state === 'ended' && resolve());
  });

test('metrics report what the status, the account and the events report', async (t) => {
  const keywords = { one: { threshold: 0.01 } };
  const daemon = await startDaemon(t, { model: pack, input, gate: 'off', keywords });
  const subscriber = new Subscriber(t, daemon.url!);
  await subscriber.message('snapshot');
  await ended(daemon);
  await subscriber.message('input', ({ state }) => state === 'ended');

  const samples = await scrape(daemon);
  const detections = subscriber.messages.filter(({ type }) => type === 'detection');
  assert.ok(detections.length > 0);
  assert.equal(samples.get('wakegate_detections_total{keyword="one"}'), detections.length);
  assert.equal(samples.get('wakegate_detections_total{keyword="two"}'), 0);
  assert.equal(samples.get('wakegate_detection_latency_seconds_count'), detections.length);
  assert.equal(samples.get('wakegate_detection_latency_seconds_bucket{le="+Inf"}'), detections.length);
  assert.equal(samples.get('wakegate_subscribers'), 1);

  const { gate, classifier, input: listening } = daemon.status();
  assert.equal(samples.get('wakegate_steps_total{result="passed"}'), gate.passed);
  assert.equal(samples.get('wakegate_steps_total{result="stopped"}'), gate.steps - gate.passed);
  assert.equal(samples.get('wakegate_gate_openings_total'), gate.openings);
  assert.equal(samples.get('wakegate_classifier_wakes_total'), classifier.wakes);
  assert.equal(samples.get('wakegate_classifier_wake_seconds_count'), 1);
  assert.equal(samples.get('wakegate_classifier_wake_seconds_sum'), classifier.wakeMs! / 1000);
  assert.equal(samples.get('wakegate_input_gaps_total'), listening.gaps);
  assert.equal(samples.get('wakegate_input_restarts_total'), listening.restarts);

  const { stages } = daemon.energy();
  assert.equal(samples.get('wakegate_handoffs_total'), stages.handoff.calls);
  for (const [stage, { calls, cpuMs, bytesIn, energyMj, basis }] of Object.entries(stages)) {
    assert.equal(samples.get(`wakegate_stage_calls_total{stage="${stage}"}`), calls);
    assert.equal(samples.get(`wakegate_stage_cpu_seconds_total{stage="${stage}"}`), cpuMs / 1000);
    assert.equal(samples.get(`wakegate_stage_bytes_total{stage="${stage}",direction="in"}`), bytesIn);
    const joules = samples.get(`wakegate_stage_energy_joules_total{stage="${stage}",basis="${basis}"}`);
    assert.equal(joules, energyMj / 1000);
  }
});

test('a second scrape reports the present, and does not count twice', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  await ended(daemon);
  const [first, second] = [await scrape(daemon), await scrape(daemon)];
  const steps = 'wakegate_steps_total{result="stopped"}';
  assert.ok(daemon.status().gate.steps > 0);
  assert.equal(second.get(steps), first.get(steps));
  daemon.resetEnergy();
  assert.equal((await scrape(daemon)).get('wakegate_stage_calls_total{stage="features"}'), 0);
});

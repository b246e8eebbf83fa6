import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readAudioFile } from '../../src/audio/index.js';
import { topicsOf } from '../../src/bridges/mqtt/topics.js';
import { loadConfig } from '../../src/config/index.js';
import { ExampleProcess } from '../support/example-process.js';
import { amplitudeOf } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));
const LED = join(EXAMPLES, 'hooks/led.sh');
const folder = temporaryFolder();

test('examples/hooks/make-chime.js writes two notes', async (t) => {
  const path = join(folder, 'chime.wav');
  const { code, stderr } = await new ExampleProcess(t, 'hooks/make-chime.js', [path]).finished;
  assert.deepEqual([code, stderr], [0, '']);
  const chime = await readAudioFile(path); // at 16 kHz
  assert.ok(Math.abs(chime.length - 0.3 * 16_000) < 200, String(chime.length));
  const [first, second] = [chime.subarray(0, 2400), chime.subarray(2400)];
  for (const [note, hertz, other] of [
    [first, 880, 1320],
    [second, 1320, 880],
  ] as const) {
    assert.ok(amplitudeOf(hertz, 16_000, note) > 20 * amplitudeOf(other, 16_000, note), `${hertz} Hz`);
  }
});

test('examples/hooks/led.sh lights a LED of the kernel, and puts it back also where it is ended', async (t) => {
  const led = join(folder, 'ACT');
  const brightness = join(led, 'brightness');
  mkdirSync(led);
  writeFileSync(brightness, '3\n');
  writeFileSync(join(led, 'max_brightness'), '255\n');
  const child = spawn(LED, [led, '600']);
  t.after(() => child.kill('SIGKILL'));
  while (readFileSync(brightness, 'utf8') !== '255\n') await sleep(5);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  assert.equal(readFileSync(brightness, 'utf8'), '3\n');
  assert.equal(spawnSync(LED, [led, '0']).status, 0);
  assert.equal(readFileSync(brightness, 'utf8'), '3\n');
});

test('examples/hooks/led.sh asks either version of gpioset as it wants to be asked', () => {
  for (const [version, expected] of [
    ['gpioset (libgpiod) v1.6.3', '--mode=time --sec=1 gpiochip0 17=1'],
    ['gpioset (libgpiod) v2.2.1', '--toggle 1s,0 --chip gpiochip0 17=1'],
  ]) {
    const bin = join(folder, version);
    mkdirSync(bin);
    const script = `#!/bin/sh\n[ "$1" = --version ] && echo '${version}' || echo "$@"\n`;
    writeFileSync(join(bin, 'gpioset'), script, { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const { stdout, stderr } = spawnSync(LED, ['gpiochip0', '17', '1'], { env, encoding: 'utf8' });
    assert.deepEqual([stdout.trim(), stderr], [expected, '']);
  }
});

test('the settings of examples/hooks are valid', async () => {
  const { hooks } = await loadConfig({ file: join(EXAMPLES, 'hooks/wakegate.yaml'), environment: {} });
  assert.equal(hooks.led.command![0], LED);
});

interface Node {
  readonly id: string;
  readonly type: string;
  readonly wires?: readonly (readonly string[])[];
  readonly [key: string]: unknown;
}

test('examples/node-red is wired through, and takes what wakegate sends', () => {
  const flow = JSON.parse(readFileSync(join(EXAMPLES, 'node-red/flow.json'), 'utf8')) as Node[];
  const byId = new Map(flow.map((node) => [node.id, node]));
  assert.equal(byId.size, flow.length);
  for (const { id, z, broker, wires = [] } of flow) {
    for (const next of wires.flat()) assert.ok(byId.has(next), `${id} -> ${next}`);
    if (z !== undefined) assert.equal(byId.get(z as string)?.type, 'tab', id);
    if (wires.length > 0 && broker !== undefined)
      assert.equal(byId.get(broker as string)?.type, 'mqtt-broker', id);
  }
  const mqtt = flow.find(({ type }) => type === 'mqtt in')!;
  const { detection } = topicsOf({ mqttPrefix: 'wakegate' }, 'kitchen');
  assert.match(detection, new RegExp(`^${(mqtt.topic as string).replace('+', '[^/]+')}$`));
  const way = flow.find(({ type }) => type === 'switch')!;
  assert.deepEqual([way.property, way.outputs, way.wires!.length], ['payload.keyword', 2, 2]);
  const { func } = flow.find(({ type }) => type === 'function')!;
  const made = new Function('msg', func as string)({ payload: { keyword: 'computer', heardAt: 'now' } });
  assert.deepEqual(made, { topic: 'home/kitchen/light/set', payload: 'ON', heardAt: 'now' });
});

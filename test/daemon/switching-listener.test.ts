import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { WorkerTurns } from '../../src/classifier/index.js';
import { defaultConfig } from '../../src/config/index.js';
import { LoadedPack } from '../../src/daemon/loaded-pack.js';
import { SwitchingListener } from '../../src/daemon/switching-listener.js';
import { EnergyMeter } from '../../src/energy/index.js';
import { readPack, resolvePack } from '../../src/model/index.js';
import { spokenWords } from '../support/spoken-words.js';

const CHUNK = 1280;
const WORDS = 8;

test('a pack that takes over, in whatever part of a word, hears what one would that always listened', async (t) => {
  const pack = await readPack(await resolvePack('wake-words-en'));
  const meter = new EnergyMeter(pack.handoff);
  const turns = new WorkerTurns();
  const load = () => {
    const loaded = new LoadedPack({
      pack,
      keywords: pack.keywords,
      config: { ...defaultConfig(), backend: 'wasm' },
      meter,
      turns,
      logger: pino({ level: 'silent' }),
    });
    t.after(() => loaded.classifier.close());
    return loaded;
  };
  const { samples } = await spokenWords(WORDS);

  /** The keywords that are heard where another pack is asked for at these samples. */
  async function heard(changes: readonly number[]): Promise<string[]> {
    const listener = new SwitchingListener(load(), meter);
    const found: string[] = [];
    listener.on('detection', ({ keyword, sample }) =>
      found.push(`${keyword} ${(sample / 16_000).toFixed(2)}`),
    );
    for (let at = 0; at + CHUNK <= samples.length; at += CHUNK) {
      if (changes.some((change) => change >= at && change < at + CHUNK)) void listener.switchTo(load(), true);
      listener.push(samples.subarray(at, at + CHUNK), at);
      await listener.current.listener.settled();
    }
    await listener.finish();
    await listener.close();
    return found;
  }
  const expected = await heard([]);
  assert.equal(expected.length, WORDS);
  for (const offset of [16_000, 32_000]) {
    const changes = Array.from({ length: WORDS }, (_, n) => offset + n * 48_000);
    assert.deepEqual(await heard(changes), expected, `changes from sample ${offset} on`);
  }
});

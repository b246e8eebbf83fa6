import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runActivity } from '../../bench/peers/activity.js';
import { runScale } from '../../bench/peers/scale.js';
import { runStages } from '../../bench/peers/stages.js';
import { resolvePack } from '../../src/model/index.js';

const options = { quick: true, modelDir: await resolvePack('wake-words-en') };

test('in quiet no part of the network works, and in speech every stage does', async () => {
  const { data, markdown } = await runStages(options);
  for (const { name, macs, bytes, limitMs, inQuiet, inSpeech } of data.rows) {
    assert.ok(macs + bytes > 0 && limitMs > 0, name);
    if (name.startsWith('handoff')) continue;
    // The level gate shuts in pauses.
    assert.ok(inSpeech > 0.7, `${name} in speech: ${inSpeech}`);
    assert.ok(inQuiet === 1 || inQuiet === 0, `${name} in quiet: ${inQuiet}`);
    assert.match(markdown, new RegExp(`\\| ${name} \\|`));
  }
});

test('without a gate everything is handed over, behind a VAD what is voiced, behind ours next to nothing', async () => {
  const { data } = await runActivity(options);
  const [silent, , talking] = data.points.map(({ handoffsPerSecond }) => handoffsPerSecond);
  assert.equal(silent.wakegate, 0);
  assert.equal(silent.vad, 0);
  assert.ok(silent.ungated > 6);
  assert.ok(talking.vad > 3 && talking.vad <= talking.ungated);
  assert.ok(talking.wakegate < talking.vad / 2);
});

test('streams that share a classifier lose nothing, and hear what each would alone', async () => {
  const { data } = await runScale(options);
  for (const { sound, streams, dropped, unanswered, wrong, words } of data.rows) {
    assert.deepEqual({ dropped, unanswered, wrong }, { dropped: 0, unanswered: 0, wrong: 0 });
    assert.equal(words, sound === 'quiet' ? 0 : streams);
  }
});

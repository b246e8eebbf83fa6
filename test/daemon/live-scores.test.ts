import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { LevelMeter } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import { detectFile } from '../../src/detect-audio.js';
import type { ModelPack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import type { ScoresEvent } from '../../src/protocol/index.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const SPOKEN_SECONDS = 1.5;
const sound = new Int16Array(16_000 * 30);
sound.set(voice(16_000, SPOKEN_SECONDS));
const input = wavFile(folder, 'voice.wav', sound);
let pack: ModelPack;

before(async () => {
  pack = await makeTinyPack(join(folder, 'pack'));
});

/** Of what is spoken: posteriors at every position, gate scores at every step, and levels, each found by another way. */
async function heardOffline(): Promise<{
  posteriors: Record<string, number>[];
  steps: number[];
  levels: number[];
}> {
  const classifier = new Classifier({ pack, backend: 'wasm' });
  const posteriors: Record<string, number>[] = [];
  const onScores = ({ time, scores }: { time: number; scores: Record<string, number> }) => {
    if (time <= SPOKEN_SECONDS) posteriors.push(scores);
  };
  await detectFile(input, { pack, classifier, gate: 'off', onScores });
  const steps: number[] = [];
  const listener = new Listener({ pack, classifier, gate: 'off' });
  listener.onStep = (score) => steps.push(score);
  listener.push(sound, 0);
  await listener.settled();
  await classifier.close();
  const levels: number[] = [];
  new LevelMeter((dbfs) => levels.push(dbfs)).push(sound, 0);
  return { posteriors, steps, levels };
}

test('who looks sees what the gate and the classifier think of the sound, while it is heard', async (t) => {
  const { posteriors, steps, levels } = await heardOffline();
  const highest = Math.max(...posteriors.map(({ one }) => one));
  const daemon = await startDaemon(t, { model: pack.directory, input, gate: 'off' });
  const events: ScoresEvent[] = [];
  await new Promise<void>((resolve) => {
    daemon.events.on('scores', (event) => {
      events.push(event);
      if (Math.max(...events.map((of) => of.posteriors?.one ?? 0)) >= highest - 1e-5) resolve();
    });
  });
  const near = (value: number, values: readonly number[], by: number) =>
    values.some((other) => Math.abs(other - value) <= by);
  for (const { dbfs, gate, sample, seconds } of events) {
    assert.ok(dbfs === null || near(dbfs, levels, 0.051), `${dbfs} is the level of a tenth of a second`);
    assert.ok(near(gate.score, [0, ...steps], 6e-5), `${gate.score} is the score of a step`);
    assert.deepEqual([gate.threshold, gate.open], [pack.gate.threshold, true]);
    assert.equal(seconds, sample / 16_000);
  }
  const spoken = events.filter(({ dbfs }) => dbfs !== null);
  assert.ok(spoken.length > 0);
  assert.ok(spoken.every(({ noiseDbfs }) => noiseDbfs !== null && noiseDbfs < 0));
  const judged = events.flatMap((event) =>
    event.posteriors && event.seconds < SPOKEN_SECONDS ? [event.posteriors] : [],
  );
  for (const scores of judged) {
    for (const [keyword, score] of Object.entries(scores)) {
      assert.ok(
        near(
          score,
          posteriors.map((at) => at[keyword]),
          2e-5,
        ),
        `${score} is the posterior of ${keyword}`,
      );
    }
  }
  assert.ok(events.some(({ classifier }) => classifier === 'awake'));
});

test('who comes and goes leaves nothing behind, and another pack is shown from the moment it listens', async (t) => {
  const other = await makeTinyPack(join(folder, 'other'));
  const daemon = await startDaemon(t, { model: pack.directory, input, gate: 'off' });
  const next = (): Promise<ScoresEvent> => new Promise((resolve) => daemon.events.once('scores', resolve));
  await next();
  const judged = async () => {
    for (;;) {
      const event = await next();
      if (event.posteriors) return Object.keys(event.posteriors);
    }
  };
  assert.deepEqual(
    await judged(),
    pack.keywords.map(({ name }) => name),
  );
  await daemon.changeModel('other');
  assert.deepEqual(
    await judged(),
    other.keywords.map(({ name }) => name),
  );
});

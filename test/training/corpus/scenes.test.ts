import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clip } from '../../../src/training/corpus/corpus.js';
import { HALF, keywordScenes } from '../../../src/training/corpus/keyword-scenes.js';
import { activeRms, atLevel, atSpeed, makeScenes } from '../../../src/training/corpus/scenes.js';
import { wordRegion } from '../../../src/training/corpus/word-region.js';
import { atSnr } from '../../../src/training/feed/add-noise.js';
import { Random } from '../../../src/training/random.js';

const tone = (seconds: number, amplitude = 8000, hz = 300) =>
  Int16Array.from({ length: seconds * 16_000 }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / 16_000)),
  );

function clip(label: string, kind: Clip['kind'], samples: Int16Array, corpus = 'test'): Clip {
  return { path: label, split: 'train', kind, label, corpus, speaker: '', samples };
}

describe('random numbers', () => {
  test('repeat with their seed and differ without', () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 5 },
        (
          (random) => () =>
            random.next()
        )(new Random(seed)),
      );
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });

  test('are uniform and normal enough', () => {
    const random = new Random(1);
    const uniform = Array.from({ length: 20_000 }, () => random.next());
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
    assert.ok(Math.abs(mean(uniform) - 0.5) < 0.01);
    assert.ok(Math.abs(mean(normal)) < 0.03);
    assert.ok(Math.abs(mean(normal.map((x) => x * x)) - 1) < 0.05);
  });
});

describe('clips', () => {
  test('at a level have that RMS where they are active, and never clip', () => {
    const samples = new Int16Array(32_000);
    samples.set(tone(1, 300), 8000);
    const rms = activeRms(atLevel(samples, -20));
    assert.ok(Math.abs(20 * Math.log10(rms / 32_768) + 20) < 0.1);
    assert.ok(atLevel(samples, 0).every((sample) => Math.abs(sample) <= 32_000));
  });

  test('at a speed have that length and pitch', () => {
    const fast = atSpeed(tone(1, 8000, 400), 1.25);
    assert.equal(fast.length, 12_800);
    const crossings = fast.filter((sample, i) => i > 0 && sample >= 0 && fast[i - 1] < 0).length;
    assert.ok(Math.abs(crossings - 400) <= 1, `${crossings} periods`);
  });

  test('with noise have it at the ratio that was asked for', () => {
    const word = tone(1);
    const noise = Int16Array.from({ length: 16_000 }, (_, i) => ((i * 7919) % 2001) - 1000);
    const mixed = atSnr(word, [noise], 10, new Random(1));
    const added = mixed.map((sample, i) => sample - word[i]);
    assert.ok(Math.abs(20 * Math.log10(activeRms(word) / activeRms(added)) - 10) < 0.2);
  });

  test('have their word found between silence and clicks', () => {
    const samples = Int16Array.from({ length: 48_000 }, (_, i) => ((i * 7919) % 21) - 10);
    samples.set(tone(0.6), 20_000);
    samples.set(tone(0.02, 20_000), 4_000);
    const { start, end } = wordRegion(samples);
    assert.ok(Math.abs(start - 20_000) <= 1600 && Math.abs(end - 29_600) <= 1600, `${start} to ${end}`);
    assert.deepEqual(wordRegion(new Int16Array(8000)), { start: 0, end: 8000 });
  });
});

describe('scenes', () => {
  const clips = [
    ...Array.from({ length: 30 }, (_, i) => clip(`other${i}`, 'word', tone(1), 'speech-commands')),
    ...Array.from({ length: 10 }, () => clip('alexa', 'word', tone(1.5, 5000, 500), 'picovoice')),
    ...Array.from({ length: 10 }, (_, i) => clip(`talk${i}`, 'speech', tone(4, 4000, 200))),
    clip('hiss', 'noise', tone(5)),
  ];

  test('hold wake words twice, other speech once, noise never; spans do not overlap', () => {
    const scenes = [...makeScenes(clips, new Random(2))];
    const spans = scenes.flatMap((scene) => scene.spans);
    assert.equal(spans.filter(({ label }) => label === 'alexa').length, 20);
    assert.equal(spans.length, 30 + 20 + 10);
    for (const scene of scenes) {
      for (const [i, span] of scene.spans.entries()) {
        assert.ok(span.start >= (i === 0 ? 0 : scene.spans[i - 1].end) && span.end <= scene.samples.length);
      }
    }
  });

  test('with keywords hold keywords, halves of them, other words and speech, and repeat with their seed', () => {
    const make = (seed: number) => {
      const scenes = keywordScenes(clips, ['alexa'], new Random(seed));
      return Array.from(
        { length: 5 },
        () => scenes.next().value as { samples: Int16Array; spans: { label: string }[] },
      );
    };
    const labels = make(3).flatMap(({ spans }) => spans.map(({ label }) => label));
    for (const label of ['alexa', HALF]) assert.ok(labels.includes(label));
    assert.ok(
      labels.some((label) => label.startsWith('other')) && labels.some((label) => label.startsWith('talk')),
    );
    assert.deepEqual(make(3), make(3));
  });
});

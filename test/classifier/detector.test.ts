import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Detection, Detector } from '../../src/classifier/detector.js';
import { WakegateError } from '../../src/errors.js';
import type { DetectorSettings } from '../../src/model/pack.js';

/** Samples between positions: 80 ms. */
const SPACING = 1280;
const SETTINGS: DetectorSettings = { smoothingPositions: 1, refractoryMs: 800, rearmRatio: 0.6 };
const ONE = [{ name: 'one', threshold: 0.5, patience: 1 }];
const BOTH = [...ONE, { name: 'two', threshold: 0.8, patience: 1 }];

/** Posteriors of one position, float32 as they come. */
function row(...keywords: number[]): Float32Array {
  return Float32Array.of(1 - Math.max(0, ...keywords), ...keywords);
}

/** Plays one keyword's posteriors, 80 ms apart, and says at which of them it was detected. */
function detectedAt(detector: Detector, posteriors: readonly number[], firstSample = SPACING): number[] {
  const positions: number[] = [];
  posteriors.forEach((posterior, i) => {
    if (detector.push(firstSample + i * SPACING, row(posterior), 0) !== null) positions.push(i);
  });
  return positions;
}

function plateau(low: number, high: number, positions: number): number[] {
  return [...Array(low).fill(0), ...Array(positions).fill(high)];
}

describe('detector', () => {
  it('reports keyword, score and sample at the moment of crossing', () => {
    const detector = new Detector(BOTH, SETTINGS);
    assert.equal(detector.push(1280, row(0.1, 0.79), 0), null);
    const detection = detector.push(2560, row(0.2, 0.875), 0);
    assert.deepEqual(detection, { keyword: 'two', keywordIndex: 1, score: 0.875, sample: 2560 });
  });

  it('reads its row of a classification that holds several', () => {
    const detector = new Detector(BOTH, SETTINGS);
    const posteriors = Float32Array.of(...[1, 0, 0], ...[0.25, 0.75, 0], ...[1, 0, 0]);
    assert.equal(detector.push(1280, posteriors, 0), null);
    assert.equal(detector.push(2560, posteriors, 3)?.keyword, 'one');
  });

  it('detects at the threshold itself', () => {
    assert.deepEqual(detectedAt(new Detector(ONE, SETTINGS), [0.4999, 0.5]), [1]);
  });

  it('gives one event for a plateau that outlasts the refractory time by far', () => {
    assert.deepEqual(detectedAt(new Detector(ONE, SETTINGS), plateau(3, 0.9, 100)), [3]);
  });

  it('gives one event for a double bump within the refractory time', () => {
    const bumps = [0, 0.9, 0.9, 0, 0, 0.9, 0.9, 0, 0, 0, 0, 0, 0, 0];
    assert.deepEqual(detectedAt(new Detector(ONE, SETTINGS), bumps), [1]);
  });

  it('gives a second event for a second utterance after the refractory time', () => {
    const silence = Array(12).fill(0);
    assert.deepEqual(detectedAt(new Detector(ONE, SETTINGS), [0.9, ...silence, 0.9, 0.9]), [0, 13]);
  });

  it('is armed again only below threshold x rearmRatio', () => {
    const dip = (depth: number) => [0.9, ...Array(15).fill(depth), 0.9, 0.9];
    assert.deepEqual(detectedAt(new Detector(ONE, SETTINGS), dip(0.31)), [0]);
    assert.deepEqual(detectedAt(new Detector(ONE, SETTINGS), dip(0.29)), [0, 16]);
  });

  it('detects at the end of the refractory time what crossed within it and is still there', () => {
    // 800 ms are ten positions.
    const again = [0.9, 0, 0, 0, 0, 0, 0, 0, 0, 0.9, 0.9, 0.9];
    assert.deepEqual(detectedAt(new Detector(ONE, SETTINGS), again), [0, 10]);
  });

  /** What was detected, and at which position, 80 ms apart. */
  function heardIn(rows: readonly Float32Array[]): [number, string][] {
    const detector = new Detector(BOTH, SETTINGS);
    return rows.flatMap((posteriors, i): [number, string][] => {
      const detection = detector.push((i + 1) * SPACING, posteriors, 0);
      return detection === null ? [] : [[i, detection.keyword]];
    });
  }

  it('takes another keyword that rises within 400 ms for the same utterance', () => {
    // 400 ms are five positions: it crosses 160 ms after the detection, and stays for 640 ms.
    const confused = [
      row(0.9, 0),
      row(0.5, 0.5),
      row(0, 0.9),
      row(0, 0.9),
      row(0, 0.9),
      ...Array(8).fill(row(0, 0)),
    ];
    assert.deepEqual(heardIn(confused), [[0, 'one']]);
  });

  it('detects another keyword within the refractory time of the first, and not the first again', () => {
    const rows = [row(0.9, 0), ...Array(4).fill(row(0, 0)), row(0, 0.9), row(0, 0), row(0.9, 0), row(0, 0)];
    assert.deepEqual(heardIn(rows), [
      [0, 'one'],
      [5, 'two'],
    ]);
  });

  it('waits for `patience` positions in a row', () => {
    const patient = () => new Detector([{ name: 'one', threshold: 0.5, patience: 3 }], SETTINGS);
    assert.deepEqual(detectedAt(patient(), [0.9, 0.9, 0, 0.9, 0.9, 0, 0]), []);
    assert.deepEqual(detectedAt(patient(), [0.9, 0.9, 0, 0.9, 0.9, 0.9, 0]), [5]);
  });

  it('judges the mean of the last positions, those before the start being zero', () => {
    const smooth = () => new Detector(ONE, { ...SETTINGS, smoothingPositions: 4 });
    assert.deepEqual(detectedAt(smooth(), [1, 0, 0, 0, 0.75, 0, 0, 0]), []);
    assert.deepEqual(detectedAt(smooth(), [0.5, 0.5, 0.5, 0.5]), [3]);
    assert.deepEqual(detectedAt(smooth(), [1, 1]), [1]);
    const detector = smooth();
    let detection: Detection | null = null;
    for (const [i, posterior] of [0.25, 0.5, 0.75, 1, 1, 1].entries()) {
      const heard = detector.push((i + 1) * SPACING, row(posterior), 0);
      detection ??= heard;
    }
    assert.deepEqual(detection, { keyword: 'one', keywordIndex: 0, score: 0.625, sample: 4 * SPACING });
    // The mean of the last four, that of the first two having left.
    assert.equal(detector.maxScores[0], 0.9375);
  });

  it('gives only the one that is further over its own threshold when two pass together', () => {
    const detector = new Detector(BOTH, SETTINGS);
    // 0.7 is 1.4 times 0.5; 0.9 is 1.125 times 0.8.
    assert.equal(detector.push(SPACING, row(0.7, 0.9), 0)?.keyword, 'one');
    for (let i = 2; i < 40; i++) assert.equal(detector.push(i * SPACING, row(0.7, 0.9), 0), null);
  });

  it('gives the first of two that are equally far over', () => {
    const twins = [...ONE, { name: 'same', threshold: 0.5, patience: 1 }];
    assert.equal(new Detector(twins, SETTINGS).push(SPACING, row(0.7, 0.7), 0)?.keyword, 'one');
  });

  it('starts over after a gap longer than the refractory time', () => {
    const detector = new Detector(ONE, { ...SETTINGS, smoothingPositions: 2 });
    assert.deepEqual(detectedAt(detector, [1, 1, 1]), [0]);
    const later = 3 * SPACING + 12_801;
    // 0.9 / 2 is below: the ones before the gap are not averaged in. The second completes it, armed without a
    // fall.
    assert.deepEqual(detectedAt(detector, [0.9, 0.9], later), [1]);
  });

  it('continues over a shorter gap', () => {
    const detector = new Detector(ONE, { ...SETTINGS, smoothingPositions: 2 });
    assert.deepEqual(detectedAt(detector, [0.75]), []);
    assert.deepEqual(detectedAt(detector, [0.25], SPACING + 12_800), [0]);
  });

  it('starts over when a gap is reported, but still rests', () => {
    const detector = new Detector(ONE, SETTINGS);
    assert.deepEqual(detectedAt(detector, [0.9, 0.9]), [0]);
    detector.gap();
    assert.deepEqual(detectedAt(detector, plateau(0, 0.9, 20), 3 * SPACING), [8]);
  });

  it('judges by a threshold that is moved while it runs', () => {
    const detector = new Detector(BOTH, SETTINGS);
    assert.equal(detector.push(SPACING, row(0, 0.6), 0), null);
    detector.setThreshold('two', 0.55);
    assert.equal(detector.push(2 * SPACING, row(0, 0.6), 0)?.keyword, 'two');
    detector.reset();
    detector.setThreshold('one', 1);
    assert.equal(detector.push(3 * SPACING, row(0.99, 0), 0), null);
  });

  it('refuses a threshold that cannot be, or of a keyword that it lacks', () => {
    const detector = new Detector(BOTH, SETTINGS);
    const usage = (sentence: RegExp) => (error: unknown) =>
      error instanceof WakegateError && error.code === 'WG_USAGE' && sentence.test(error.message);
    assert.throws(() => detector.setThreshold('three', 0.5), usage(/"three".*one, two/));
    for (const value of [0, -0.5, 1.01, Number.NaN]) {
      assert.throws(() => detector.setThreshold('one', value), usage(/no threshold for "one"/));
    }
  });

  it('says when a keyword is near: from a fifth of its threshold on, while it could be detected', () => {
    const detector = new Detector(ONE, { ...SETTINGS, smoothingPositions: 4 });
    const near = (posteriors: readonly number[], first: number) =>
      posteriors.map((posterior, i) => {
        detector.push((first + i) * SPACING, row(posterior), 0);
        return detector.near;
      });
    assert.deepEqual(near([0.3, 0.2, 0, 0], 1), [false, true, true, true], 'means of 0.075, then 0.125');
    // Detected at the second of them, and not again within 800 ms.
    assert.deepEqual(near([1, 1, 1], 5), [true, true, false]);
    detector.reset();
    assert.deepEqual(near([0.9], 100), [true]);
    detector.gap();
    assert.equal(detector.near, false);
    detector.setEnabled('one', false);
    assert.deepEqual(near([0.9], 101), [false], 'one that is off is never near');
  });

  it('ignores positions that are not newer than the last', () => {
    const detector = new Detector(ONE, { ...SETTINGS, smoothingPositions: 2 });
    assert.deepEqual(detectedAt(detector, [0.2, 0.2]), []);
    assert.equal(detector.push(2 * SPACING, row(1), 0), null);
    assert.equal(detector.push(SPACING, row(1), 0), null);
    assert.equal(detector.maxScores[0], Math.fround(0.2));
    assert.equal(detector.push(3 * SPACING, row(0.75), 0), null);
    assert.equal(detector.push(4 * SPACING, row(0.75), 0)?.score, 0.75);
  });

  it('keeps the highest smoothed posterior of each keyword, detected or not, until reset', () => {
    const detector = new Detector(BOTH, { ...SETTINGS, smoothingPositions: 2 });
    detector.push(SPACING, row(0.25, 0), 0);
    detector.push(2 * SPACING, row(0.5, 0.25), 0);
    detector.push(3 * SPACING, row(0, 0), 0);
    assert.deepEqual([...detector.maxScores], [0.375, 0.125]);
    detector.reset();
    assert.deepEqual([...detector.maxScores], [0, 0]);
  });

  it('starts over after a reset: sample numbers, smoothing, refractory time', () => {
    const detector = new Detector(ONE, SETTINGS);
    assert.deepEqual(detectedAt(detector, [0, 0, 0.9]), [2]);
    detector.reset();
    assert.deepEqual(detectedAt(detector, [0.9]), [0]);
  });

  it('counts the refractory time in samples of the given rate', () => {
    const detector = new Detector(ONE, { ...SETTINGS, rearmRatio: 2 }, 8000);
    // 800 ms are now five positions, and with such a ratio 0.9 arms as well.
    assert.deepEqual(detectedAt(detector, plateau(0, 0.9, 11)), [0, 5, 10]);
  });
});

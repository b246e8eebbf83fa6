import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CaptureRecorder, type Clip } from '../../src/captures/index.js';

const SECOND = 16_000;
const WINDOW = 2 * SECOND;

/** Sample number n as the value of sample n, as far as 16 bits go. */
const ramp = (from: number, to: number) =>
  Int16Array.from({ length: to - from }, (_, i) => ((from + i) % 60_000) - 30_000);

function recording(floor = 0.5) {
  const clips: Clip[] = [];
  const recorder = new CaptureRecorder({ windowSamples: WINDOW, floor, onClip: (clip) => clips.push(clip) });
  let at = 0;
  const play = (seconds: number) => {
    for (const end = at + seconds * SECOND; at < end; at += 1280) recorder.push(ramp(at, at + 1280), at);
  };
  const skip = (seconds: number) => {
    at += seconds * SECOND;
  };
  return { recorder, clips, play, skip, now: () => at };
}

const heard = (sample: number, score = 0.9) => ({ keyword: 'one', score, sample });

test('a detection is kept with its window, two seconds before it and one after, when that has come', () => {
  const { recorder, clips, play } = recording();
  play(8);
  recorder.detected(heard(7.5 * SECOND));
  assert.equal(clips.length, 0, 'half a second is still to come');
  play(1);
  assert.equal(clips.length, 1);
  assert.equal(clips[0].kind, 'detection');
  assert.deepEqual(clips[0].samples, ramp((7.5 - 4) * SECOND, 8.5 * SECOND));
  play(10);
  assert.equal(clips.length, 1);
});

test('an answer that comes seconds late still finds the sound; at the start of a stream there is less of it', () => {
  const { recorder, clips, play } = recording();
  play(2);
  recorder.detected(heard(SECOND));
  play(0.16);
  assert.deepEqual(clips[0].samples, ramp(0, 2 * SECOND));
  play(10);
  recorder.detected(heard(8 * SECOND));
  play(0.16);
  assert.deepEqual(clips[1].samples, ramp(4 * SECOND, 9 * SECOND));
});

test('of what was nearly heard while the gate was open the best is kept, and only if nothing was detected', () => {
  const { recorder, clips, play } = recording();
  play(6);
  recorder.scored(heard(5 * SECOND, 0.4));
  recorder.missed();
  play(2);
  assert.equal(clips.length, 0, 'that was below the floor');

  recorder.scored(heard(7 * SECOND, 0.6));
  recorder.scored(heard(7.5 * SECOND, 0.7));
  recorder.scored(heard(7.8 * SECOND, 0.65));
  play(4); // the gate is open long after
  recorder.missed();
  assert.deepEqual([clips.length, clips[0].kind, clips[0].score], [1, 'near-miss', 0.7]);
  assert.deepEqual(clips[0].samples, ramp(3.5 * SECOND, 8.5 * SECOND));

  recorder.scored(heard(9 * SECOND, 0.9));
  recorder.missed();
  assert.equal(clips.length, 1, 'most of that is in the clip before');

  recorder.scored(heard(11 * SECOND, 0.8));
  recorder.detected(heard(11.1 * SECOND));
  recorder.scored(heard(11.2 * SECOND, 0.8)); // the same word
  recorder.missed();
  play(3);
  assert.deepEqual(
    clips.map(({ kind }) => kind),
    ['near-miss', 'detection'],
  );
});

test('no clip reaches over a gap, and what was due before it is cut there', () => {
  const { recorder, clips, play, skip, now } = recording();
  play(8);
  recorder.detected(heard(8 * SECOND));
  skip(3);
  play(1);
  assert.deepEqual(clips[0].samples, ramp(4 * SECOND, 8 * SECOND));
  recorder.detected(heard(now()));
  recorder.flush();
  assert.deepEqual(clips[1].samples, ramp(11 * SECOND, now()));
});

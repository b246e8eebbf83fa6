import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ProgressBar } from '../../src/cli/progress-bar.js';

/** What is written for three files, to something that is a terminal or not. */
function written(isTTY: boolean): string {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  const bar = new ProgressBar(3, stream as unknown as NodeJS.WriteStream);
  for (let file = 0; file < 3; file++) bar.advance();
  bar.clear();
  return stream.read() ?? '';
}

test('on a terminal the bar fills up, on one line, and is gone at the end', () => {
  const draws = written(true).split('\r').slice(1);
  assert.deepEqual(
    draws.map((draw) => draw.replace(/\[.*\] /, '')),
    ['0 of 3 files', '1 of 3 files', '2 of 3 files', '3 of 3 files', '\x1b[K'],
  );
  assert.deepEqual(
    draws.slice(0, 4).map((draw) => draw.split('#').length - 1),
    [0, 10, 20, 30],
  );
});

test('elsewhere nothing is written', () => {
  assert.equal(written(false), '');
});

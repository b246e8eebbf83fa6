import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Logger } from 'pino';
import { Complaints } from '../../src/broker/complaints.js';

test('the same complaint is logged once in ten minutes, with how often it came', () => {
  let nowMs = 0;
  const lines: string[] = [];
  const complaints = new Complaints(
    { warn: (line: string) => lines.push(line) } as unknown as Logger,
    () => nowMs,
  );
  for (let i = 0; i < 1000; i++) complaints.add('flood', 'Too many');
  complaints.add('other', 'Something else');
  assert.deepEqual(lines, ['Too many', 'Something else']);
  nowMs = 10 * 60_000;
  complaints.add('flood', 'Too many');
  assert.deepEqual(lines.slice(2), ['Too many (and 999 times before that)']);
});

test('however many kinds there are, few are remembered and logged', () => {
  const lines: string[] = [];
  const complaints = new Complaints(
    { warn: (line: string) => lines.push(line) } as unknown as Logger,
    () => 0,
  );
  for (let i = 0; i < 10_000; i++) complaints.add(`kind ${i}`, `Line ${i}`);
  assert.equal(lines.length, 64);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextOutput } from '../../src/cli/detect-output.js';
import { tableOf } from '../../src/cli/devices.js';
import { lineOf } from '../../src/cli/doctor.js';
import { eventText } from '../../src/cli/event-text.js';
import { printable, printableIn } from '../../src/cli/printable.js';
import { styleOf } from '../../src/cli/style.js';
import { WakegateError } from '../../src/errors.js';

const HOSTILE = 'a\x1b[2J\x07\r\n\x7f\x9b31m\u202eb\u2066\u2028\ud800c';
const SHOWN = 'a\\u001b[2J\\u0007\\u000d\\u000a\\u007f\\u009b31m\\u202eb\\u2066\\u2028\\ud800c';

test('controls, turns of direction and halves of characters are written out; all other text stays', () => {
  assert.equal(printable(HOSTILE), SHOWN);
  for (const text of ['Küche', 'Ælfgifu', '日本語', 'שלום', '👩‍👩‍👧', 'a b'])
    assert.equal(printable(text), text);
  assert.deepEqual(printableIn({ [HOSTILE]: [HOSTILE, 1, null, { a: HOSTILE }] }), {
    [SHOWN]: [SHOWN, 1, null, { a: SHOWN }],
  });
});

test('an event with a hostile label or reason is one line without controls', () => {
  const style = styleOf({ isTTY: false } as never);
  const time = '2026-01-01T00:00:00.000Z';
  const cost = { handoffs: 1, bytes: 1, cpuMs: 1, energyMj: 0.4, basis: 'none' };
  const detection = {
    type: 'detection',
    sequence: 1,
    time,
    keyword: 'a',
    label: HOSTILE,
    score: 1,
    sample: 1,
    seconds: 1,
    heardAt: time,
    cost,
  };
  const input = {
    type: 'input',
    sequence: 1,
    time,
    name: HOSTILE,
    state: 'lost',
    reason: HOSTILE,
    problem: null,
  };
  for (const event of [detection, input]) {
    const text = eventText(event as never, style);
    assert.ok(text.includes(SHOWN));
    assert.doesNotMatch(text, /\p{Cc}|\u202e/u);
  }
});

test('what detect, devices and doctor print of names from elsewhere has no controls', (t) => {
  const printed: string[] = [];
  t.mock.method(process.stdout, 'write', (text: string) => printed.push(text) > 0);
  t.mock.method(console, 'error', (text: string) => printed.push(text));
  const output = new TextOutput();
  const gate = { steps: 1, passed: 1, openings: 1, maxScore: 1 };
  const detections = [{ keyword: HOSTILE, time: 1, score: 1 }];
  output.report({ file: HOSTILE, seconds: 1, detections, gate, warning: HOSTILE } as never);
  output.fault(HOSTILE, new WakegateError('WG_AUDIO_INVALID', HOSTILE));
  t.mock.restoreAll();
  const device = { recorder: 'arecord', name: HOSTILE, rates: null, channels: null, description: HOSTILE };
  printed.push(tableOf([{ ...device, isMonitor: true } as never]));
  printed.push(lineOf({ about: 'microphone', state: 'wrong', says: HOSTILE, mend: HOSTILE }));
  assert.equal(printed.length, 5);
  for (const text of printed) {
    assert.ok(text.includes(SHOWN), text);
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}|\u202e/u);
  }
});

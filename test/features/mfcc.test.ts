import assert from 'node:assert/strict';
import { test } from 'node:test';
import Meyda from 'meyda';
import { Mfcc } from '../../src/features/index.js';

const x = (Meyda as any).default ?? Meyda;
const m = Object.assign({}, x);
m.sampleRate = 16000; m.bufferSize = 512; m.melBands = 32; m.numberOfMFCCCoefficients = 20;
test('quick', () => {
  const mf = new Mfcc({ sampleRate: 16000, windowSamples: 512, hopSamples: 320, melBands: 32, coefficients: 20 });
  const s = new Int16Array(512).map(() => (Math.random() - 0.5) * 20000);
  const out = new Float32Array(20);
  mf.compute(s, 0, out, 0);
  const ref = m.extract('mfcc', Float32Array.from(s));
  console.log(ref.map((v: number, i: number) => (v - out[i]).toExponential(1)).join(' '));
  let t = process.cpuUsage(); for (let i = 0; i < 100000; i++) mf.compute(s, 0, out, 0); let d = process.cpuUsage(t); console.log((d.user + d.system) / 1e5, 'us');
  const f = Float32Array.from(s);
  t = process.cpuUsage(); for (let i = 0; i < 5000; i++) m.extract('mfcc', f); d = process.cpuUsage(t); console.log((d.user + d.system) / 5e3, 'us meyda');
  assert.ok(1);
});

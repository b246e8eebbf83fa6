import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program named arecord that gives a sound at real-time pace, once, and then next to none. */
export interface FakeMicrophone {
  /** To be put first on the PATH. */
  readonly bin: string;
  /**
   * In milliseconds, the longest so far: how long it was kept waiting by its reader, and how late it came to run
   * itself, as no real device does. A machine that is that busy measures nothing.
   */
  delays(): { readonly blockedMs: number; readonly lateMs: number };
}

const PERIOD_MS = 40;

/** @param samples at 16 kHz */
export function fakeMicrophone(folder: string, samples: Int16Array): FakeMicrophone {
  const bin = join(folder, 'bin');
  const sound = join(folder, 'microphone.raw');
  const delays = join(folder, 'delays.json');
  mkdirSync(bin);
  writeFileSync(sound, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  const script = `#!${process.execPath}
const fs = require('node:fs');
const sound = fs.readFileSync(${JSON.stringify(sound)});
const faintest = Buffer.from(Int16Array.of(1, -1).buffer); // zeros would be reported as a fault
const start = performance.now();
const worst = { blockedMs: 0, lateMs: 0 };
let at = 0;
let before = start;
process.stdout.on('error', () => process.exit(1));
setInterval(() => {
  const now = performance.now();
  const due = 2 * Math.floor((now - start) * 16);
  const bytes = Buffer.alloc(Math.max(0, due - at), faintest);
  if (at < sound.length) sound.copy(bytes, 0, at, due);
  at += bytes.length;
  process.stdout.write(bytes);
  const blockedMs = performance.now() - now;
  const lateMs = now - before - ${PERIOD_MS};
  if (blockedMs > worst.blockedMs || lateMs > worst.lateMs) {
    worst.blockedMs = Math.max(worst.blockedMs, blockedMs);
    worst.lateMs = Math.max(worst.lateMs, lateMs);
    fs.writeFileSync(${JSON.stringify(delays)}, JSON.stringify(worst));
  }
  before = performance.now();
}, ${PERIOD_MS});
`;
  writeFileSync(join(bin, 'arecord'), script, { mode: 0o755 });
  return {
    bin,
    delays: () =>
      existsSync(delays) ? JSON.parse(readFileSync(delays, 'utf8')) : { blockedMs: 0, lateMs: 0 },
  };
}

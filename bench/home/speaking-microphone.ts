import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { quietRoom } from '../measure.js';

/**
 * A program that stands in for arecord: a quiet room, at the pace of sound. What the file SAY holds (raw samples at
 * 16 kHz) is spoken into it as soon as it is there, and the file SAID tells when its last sample was.
 */
const { SAY = '', SAID = '' } = process.env;
const PERIOD_MS = 80;
const RATE_PER_MS = 16;

const room = quietRoom(60 * 1000 * RATE_PER_MS);
const beganMs = Date.now();
let words: Int16Array = new Int16Array(0);
let at = 0;
let sent = 0;

function look(): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(SAY);
  } catch {
    return;
  }
  rmSync(SAY);
  words = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  at = 0;
  // What is taken next begins where the last piece ended.
  writeFileSync(`${SAID}.new`, String(beganMs + (sent + words.length) / RATE_PER_MS));
  renameSync(`${SAID}.new`, SAID);
}

process.stdout.on('error', () => process.exit());
setInterval(() => {
  look();
  const due = Math.floor(Date.now() - beganMs) * RATE_PER_MS;
  const piece = new Int16Array(due - sent);
  for (let i = 0; i < piece.length; i++) {
    const word = at < words.length ? words[at++] : 0;
    piece[i] = Math.max(-32_768, Math.min(32_767, room[(sent + i) % room.length] + word));
  }
  sent = due;
  process.stdout.write(new Uint8Array(piece.buffer));
}, PERIOD_MS);

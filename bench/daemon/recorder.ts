import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A program that stands in for arecord: it plays a file of raw samples, over and over, to stdout. Its environment says
 * which, how often (TIMES), at which PACE, at which SPEED over that of sound, and where to write down when it began (BEGAN, ms since the epoch).
 */
const { AUDIO = '', TIMES = '1', PACE = 'sound', SPEED = '1', BEGAN } = process.env;
const BYTES_PER_MS = 32 * Number(SPEED);
const PERIOD_MS = 80;

// Once it has been played, and the daemon starts it again for want of sound, it stays silent.
const isOver = BEGAN !== undefined && existsSync(BEGAN);
const audio = readFileSync(AUDIO);
const pieceBytes = PACE === 'sound' ? PERIOD_MS * 32 : 65_536;
const beganMs = Date.now();
if (BEGAN && !isOver) writeFileSync(BEGAN, String(beganMs));

let sent = 0;
for (let time = 0; !isOver && time < Number(TIMES); time++) {
  for (let at = 0; at < audio.length; at += pieceBytes) {
    const piece = audio.subarray(at, at + pieceBytes);
    sent += piece.length;
    // A piece is there when the last of its samples has been.
    if (PACE === 'sound') await sleep(Math.max(0, beganMs + sent / BYTES_PER_MS - Date.now()));
    if (!process.stdout.write(piece)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}
setInterval(() => {}, 60_000);

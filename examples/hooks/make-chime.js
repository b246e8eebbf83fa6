/**
 * Writes a short chime, two notes, for a hook to play at the word: `node make-chime.js /etc/wakegate/chime.wav`
 */
import { writeFileSync } from 'node:fs';

const RATE = 48_000;
const NOTES = [880, 1320]; // Hz
const SECONDS = 0.15; // each

const [path] = process.argv.slice(2);
if (!path) throw new Error('name the file to write: node make-chime.js FILE');

const length = Math.round(RATE * SECONDS);
const data = Buffer.alloc(2 * length * NOTES.length);
NOTES.forEach((hertz, note) => {
  for (let i = 0; i < length; i++) {
    const loudness = Math.min(1, i / 240) * (1 - i / length); // without a click at either end
    const sample = 0.4 * loudness * Math.sin((2 * Math.PI * hertz * i) / RATE);
    data.writeInt16LE(Math.round(32_767 * sample), 2 * (note * length + i));
  }
});

const header = Buffer.alloc(44);
header.write('RIFF');
header.writeUInt32LE(36 + data.length, 4);
header.write('WAVEfmt ', 8);
header.writeUInt32LE(16, 16);
header.writeUInt16LE(1, 20); // PCM
header.writeUInt16LE(1, 22); // one channel
header.writeUInt32LE(RATE, 24);
header.writeUInt32LE(2 * RATE, 28);
header.writeUInt16LE(2, 32);
header.writeUInt16LE(16, 34);
header.write('data', 36);
header.writeUInt32LE(data.length, 40);
writeFileSync(path, Buffer.concat([header, data]));

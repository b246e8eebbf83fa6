/**
 * Listens to raw samples on stdin: 16 bit, little-endian, 48 kHz, two channels.
 * `ffmpeg -i film.mkv -f s16le -ar 48000 -ac 2 - | node stdin.js`
 */
import { pipeline } from 'node:stream/promises';
import { KeywordSpotter } from 'wakegate';

const spotter = await KeywordSpotter.load();
const stream = spotter.stream({ rate: 48_000, channels: 2 });
stream.on('detection', ({ keyword, score, time }) => {
  console.log(`${time.toFixed(2)} s  ${keyword}  ${score.toFixed(3)}`);
});
// Takes samples only as fast as they are judged, and ends after the last detection.
await pipeline(process.stdin, stream);
await spotter.close();

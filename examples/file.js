/**
 * Says what is heard in audio files, as fast as the machine can: `node file.js kitchen.flac hall.mp3`
 * WAV, AIFF, FLAC, MP3, Ogg (Opus, Vorbis, FLAC) and WebM (Opus), of any rate; of several channels, their mean.
 */
import { KeywordSpotter } from 'wakegate';

const spotter = await KeywordSpotter.load();
for (const path of process.argv.slice(2)) {
  const { detections, seconds } = await spotter.detect(path);
  console.log(`${path}: ${seconds.toFixed(1)} s, ${detections.length} keywords`);
  for (const { keyword, score, time } of detections) {
    console.log(`  ${time.toFixed(2)} s  ${keyword}  ${score.toFixed(3)}`);
  }
}
await spotter.close();

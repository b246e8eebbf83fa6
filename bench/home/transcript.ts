import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../test/support/free-port.js';
import { bundledWords, inQuiet } from '../daemon/words.js';
import { detectAtHome } from './assist.js';
import { House } from './house.js';

/** From dist/bench/home/. */
const FIXTURE = fileURLToPath(
  new URL('../../../test/bridges/fixtures/home-assistant-2024.3.3-wyoming.jsonl', import.meta.url),
);

/**
 * Writes down what Home Assistant and the daemon say to each other over Wyoming: as the integration is set up, and as
 * the first word of the bundled sample is heard. The test that plays it again makes the same samples.
 */
export async function writeTranscript(): Promise<void> {
  const [port] = await freePorts(1);
  const house = await House.open(port);
  try {
    const [word] = await bundledWords();
    const { wake_word_id } = await detectAtHome(house, inQuiet(word, 1, 2), 'transcript');
    if (wake_word_id !== word.keyword) throw new Error(`heard ${wake_word_id} in place of ${word.keyword}`);
    writeFileSync(FIXTURE, house.tapped.map((frame) => `${JSON.stringify(frame)}\n`).join(''));
    console.error(`wrote ${FIXTURE}`);
  } finally {
    await house.close();
  }
}

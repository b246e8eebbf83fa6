import { writeFile } from 'node:fs/promises';
import { SAMPLE_RATE, writeWav } from '../../audio/index.js';
import { type Delivery, drawDelivery, drawHeldOutDelivery, speakerOf } from './draw-mix.js';
import { accentOf, Kokoro } from './kokoro.js';
import { phonemesOf } from './phonemes.js';
import type { Voice, Voices } from './voice.js';
import { voicesFolder } from './voices-folder.js';

/**
 * The voices of Kokoro, and mixes of two.
 *
 * @throws WakegateError WG_DATA_INVALID where `wakegate train voices` has not fetched them
 */
export async function openKokoroVoices(folder: string = voicesFolder()): Promise<Voices> {
  const kokoro = await Kokoro.load(folder);
  const pronounced = new Map<string, Promise<string>>();
  const voiceOf = ({ mix, speed, ending }: Delivery): Voice => ({
    name: `kokoro-${speakerOf(mix)}`,
    speak: async (text, path) => {
      const accent = accentOf(mix[0].voice);
      const key = `${accent} ${text}`;
      if (!pronounced.has(key)) pronounced.set(key, phonemesOf(text, accent));
      const samples = await kokoro.speak(`${await pronounced.get(key)}${ending}`, mix, speed);
      await writeFile(path, writeWav(samples, SAMPLE_RATE));
    },
  });
  return {
    draw: (random) => voiceOf(drawDelivery(random)),
    drawHeldOut: (random) => voiceOf(drawHeldOutDelivery(random)),
  };
}

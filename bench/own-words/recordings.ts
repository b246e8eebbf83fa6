import { readAudioFile } from '../../src/audio/index.js';
import { readText } from '../../src/read-text.js';
import { type BankChoice, chosenRecordings, readTexts } from '../../src/training/bank/chosen-recordings.js';
import { parseCsv } from '../../src/training/corpus/csv.js';
import { type Recording, readManifest } from '../../src/training/corpus/manifest.js';

/** A recording, and what is said in it where that is known. */
export interface TextedRecording extends Recording {
  readonly text: string | null;
}

/** Corpora whose words are keywords of packs, or are measured here: no false accepts are counted in them. */
const WORD_CORPORA = ['picovoice', 'precise', 'speech-commands', 'speech-commands-2'];
/** Of noise that is mixed into words. */
const NOISES = 60;

/** What is measured on: all recordings, and those of dev that no keyword was trained or calibrated against. */
export async function readTaken({
  unheard,
  ...choice
}: BankChoice & { readonly unheard: readonly string[] }) {
  const inBank = new Set((await chosenRecordings(choice)).map(({ recording }) => recording.file));
  const texts = await readTexts(choice.texts);
  const recordings: TextedRecording[] = [];
  for (const manifest of [...choice.manifests, ...unheard]) {
    const [header = [], ...lines] = parseCsv(await readText(manifest));
    const [path, source] = [header.indexOf('path'), header.indexOf('source_path')];
    const sourceOf = new Map(lines.map((cells) => [cells[path], cells[source] ?? '']));
    for (const recording of await readManifest(manifest)) {
      const text = texts.get(`${recording.corpus}\n${sourceOf.get(recording.path)}`) ?? null;
      recordings.push({ ...recording, text });
    }
  }
  const dev = recordings.filter(({ split }) => split === 'dev');
  const noises: Int16Array[] = [];
  for (const { file } of dev.filter(({ kind }) => kind === 'noise').slice(0, NOISES)) {
    noises.push(await readAudioFile(file));
  }
  const negatives = dev.filter(({ file, corpus }) => !inBank.has(file) && !WORD_CORPORA.includes(corpus));
  return { recordings, negatives, noises };
}

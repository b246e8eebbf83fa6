import { readAudioFile } from '../../src/audio/index.js';
import { readText } from '../../src/read-text.js';
import {
  type BankChoice,
  chosenRecordings,
  drawOf,
  readTexts,
} from '../../src/training/bank/chosen-recordings.js';
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

/** Corpora in which many people say the same word, each recording that word alone. */
const SAID_CORPORA = [...WORD_CORPORA, 'arabic-commands'];

/**
 * What is measured on: recordings of words, and those of dev that no keyword was trained or calibrated against, mixed as the bank is: the
 * same shares of single words.
 *
 * @param said manifests of more recordings of words
 */
export async function readTaken({
  unheard,
  said = [],
  ...choice
}: BankChoice & { readonly unheard: readonly string[]; readonly said?: readonly string[] }) {
  const inBank = new Set((await chosenRecordings(choice)).map(({ recording }) => recording.file));
  const texts = await readTexts(choice.texts);
  const recordings: TextedRecording[] = [];
  const isCounted = ({ kind, corpus, path }: Recording) =>
    kind !== 'word' || drawOf(path) < (choice.words[corpus] ?? 1);
  const words = new Map<string, TextedRecording>();
  for (const manifest of [...choice.manifests, ...unheard, ...said]) {
    const [header = [], ...lines] = parseCsv(await readText(manifest));
    const [path, source] = [header.indexOf('path'), header.indexOf('source_path')];
    const sourceOf = new Map(lines.map((cells) => [cells[path], cells[source] ?? '']));
    for (const recording of await readManifest(manifest)) {
      const key = `${recording.corpus}\n${sourceOf.get(recording.path)}`;
      const one = { ...recording, text: texts.get(key) ?? null };
      if (!said.includes(manifest) && isCounted(one)) recordings.push(one);
      if (recording.kind === 'word' && SAID_CORPORA.includes(recording.corpus)) words.set(key, one);
    }
  }
  const dev = recordings.filter(({ split }) => split === 'dev');
  const noises: Int16Array[] = [];
  for (const { file } of dev.filter(({ kind }) => kind === 'noise').slice(0, NOISES)) {
    noises.push(await readAudioFile(file));
  }
  const negatives = dev.filter(({ file, corpus }) => !inBank.has(file) && !WORD_CORPORA.includes(corpus));
  return { words: [...words.values()], negatives, noises };
}

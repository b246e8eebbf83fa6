import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openBackend } from '../../classifier/index.js';
import { WakegateError } from '../../errors.js';
import { readPack } from '../../model/index.js';
import { teacherFile } from '../corpus/teacher.js';
import { readOnnxWeights } from '../network/onnx-weights.js';
import { SPEECH_EMBEDDING_SHAPE } from '../network/second-network.js';
import { SPEECH_EMBEDDING_MOMENTS, speechEmbeddingWeights } from '../network/speech-embedding.js';
import { readWeightMap, type WeightMap, writeWeights } from '../network/weights.js';
import { addSecondLook, type SecondLookChoices } from './add-second-look.js';
import { exportSecond } from './second-model.js';
import { unpackSecond } from './unpack.js';

/**
 * A keyword head for the teacher as second look. A pack comes with it, and not with the teacher, which everybody fetches from where it
 * was published.
 */
const HEAD = { weights: 'teacher-head.bin', choices: 'teacher-head.json' } as const;

/**
 * Writes the keyword head of a pack whose second look is the teacher, with its thresholds, into the folder of another pack.
 *
 * @throws WakegateError as `unpackSecond` does, where the second look is not the teacher
 */
export async function writeTeacherHead(pack: string, to: string): Promise<void> {
  await openBackend('wasm');
  const { secondLook, keywords } = await readPack(pack);
  const network = await unpackSecond(pack, SPEECH_EMBEDDING_SHAPE, SPEECH_EMBEDDING_SHAPE.headEmbeddings);
  const head: WeightMap = new Map([...network.weights()].filter(([name]) => name.startsWith('head')));
  const choices: SecondLookChoices = {
    weight: secondLook!.weight,
    keywords: secondLook!.keywords,
    thresholds: Object.fromEntries(keywords.map(({ name, threshold }) => [name, threshold])),
  };
  await writeWeights(join(to, HEAD.weights), head);
  await writeFile(join(to, HEAD.choices), `${JSON.stringify(choices, null, 2)}\n`);
}

/**
 * Copies a pack, and makes the teacher, as fetched, the second look of the copy.
 *
 * @param file the teacher's embedding model
 * @throws WakegateError WG_DATA_INVALID where the pack has no head for it, the folder exists, or the teacher has not been fetched
 */
export async function makePackWithTeacher(
  pack: string,
  out: string,
  file = teacherFile('embedding_model.onnx'),
): Promise<void> {
  await openBackend('wasm');
  const { keywords } = await readPack(pack);
  const choices = await readChoices(pack);
  const onnx = readOnnxWeights(await readFile(file));
  const weights: WeightMap = new Map([
    ...speechEmbeddingWeights(onnx),
    ...(await readWeightMap(join(pack, HEAD.weights))),
  ]);
  const second = await exportSecond(SPEECH_EMBEDDING_SHAPE, weights, keywords.length);
  await copyPack(pack, out);
  await addSecondLook(out, second, SPEECH_EMBEDDING_MOMENTS, { ...choices, name: basename(out) });
}

async function readChoices(pack: string): Promise<SecondLookChoices> {
  try {
    return JSON.parse(await readFile(join(pack, HEAD.choices), 'utf8')) as SecondLookChoices;
  } catch (cause) {
    const problem = `${pack}: has no ${HEAD.choices}, so the teacher cannot be its second look; take wake-words-en`;
    throw new WakegateError('WG_DATA_INVALID', problem, { cause });
  }
}

async function copyPack(from: string, to: string): Promise<void> {
  try {
    const filter = (path: string) => !Object.values(HEAD).some((name) => path.endsWith(name));
    await cp(from, to, { recursive: true, errorOnExist: true, force: false, filter });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem =
      code === 'ERR_FS_CP_EEXIST' ? 'exists already: name another folder' : `cannot be written (${code})`;
    throw new WakegateError('WG_DATA_INVALID', `${to} ${problem}`, { cause });
  }
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundledWords, inQuiet, type Word } from '../daemon/words.js';
import { type Line, quietRoom } from '../measure.js';
import type { House } from './house.js';
import { recordings } from './recordings.js';
import { comesAbout, until } from './until.js';

const ENTITY = 'wake_word.wakegate';
const CHUNK_SAMPLES = 1280;
const RECORDINGS = 40;
const AT_A_TIME = 8;
const MS_PER_SAMPLE = 1 / 16;

interface Result {
  readonly wake_word_id: string | null;
  readonly phrase?: string;
  readonly timestamp?: number;
}

interface WakeWord {
  readonly id: string;
  readonly name: string;
  readonly phrase: string | null;
}

/** Home Assistant's Wyoming integration, and an Assist pipeline, with wakegate as the wake word engine. */
export async function benchAssist(house: House): Promise<Line[]> {
  const { assistant, daemon } = house;
  const isThere = await comesAbout(30, async () => (await assistant.state(ENTITY)) !== undefined);
  const lines = [
    line(`${ENTITY} is there`, isThere ? 1 : 0, 1, 'made by the Wyoming integration from describe and info'),
  ];
  if (!isThere) return lines;

  const { wake_words } = await assistant.ask<{ wake_words: WakeWord[] }>('wake_word/info', {
    entity_id: ENTITY,
  });
  const { keywords } = await daemon.get<{ keywords: { name: string; enabled: boolean }[] }>('/v1/keywords');
  const wanted = keywords.filter(({ enabled }) => enabled).map(({ name }) => name);
  const known = wanted.filter((name) => wake_words.some(({ id }) => id === name));
  lines.push(
    line(
      'keywords among its wake words',
      known.length,
      wanted.length,
      wake_words.map(({ phrase, name }) => phrase ?? name).join(', '),
    ),
  );

  const words = await bundledWords();
  const heard = await Promise.all(
    words.map((word, n) => detectAtHome(house, inQuiet(word, 1, 2), `alone-${n}`)),
  );
  const right = words.filter(({ keyword }, n) => heard[n].wake_word_id === keyword);
  lines.push(
    line(
      'words heard by async_process_audio_stream',
      right.length,
      words.length,
      words.map(spelled(heard)).join('; '),
    ),
  );

  lines.push(...(await recordingsAreHeard(house)));

  const [one, ...others] = words;
  const asked = await Promise.all(
    words.map((word, n) => detectAtHome(house, inQuiet(word, 1, 2), `asked-${n}`, one.keyword)),
  );
  const obeyed = asked.filter(({ wake_word_id }, n) => wake_word_id === (n === 0 ? one.keyword : null));
  lines.push(
    line(
      'asked for one word, it hears that one alone',
      obeyed.length,
      words.length,
      `${one.keyword} of ${others.length + 1} words`,
    ),
  );

  const silence = await detectAtHome(house, quietRoom(4 * 16_000), 'quiet');
  lines.push(line('a quiet room is no wake word', silence.wake_word_id === null ? 1 : 0, 1, '4 s'));

  await assistant.call('input_boolean.turn_off', { entity_id: 'input_boolean.kitchen' });
  const said = await pipelineRuns(house, inQuiet(one, 1, 2));
  const isOn = await comesAbout(5, async () => (await assistant.state('light.kitchen'))?.state === 'on');
  lines.push(
    line(
      'an Assist pipeline wakes and obeys',
      said === one.keyword && isOn ? 1 : 0,
      1,
      `wake word: ${said ?? 'nothing'}; then "turn on the kitchen light"`,
    ),
  );
  return lines;
}

/** Real people, where their recordings are: what Home Assistant hears is what `wakegate detect` hears. */
async function recordingsAreHeard(house: House): Promise<Line[]> {
  const all = await recordings(RECORDINGS);
  if (all.length === 0) return [];
  let same = 0;
  for (let at = 0; at < all.length; at += AT_A_TIME) {
    const some = all.slice(at, at + AT_A_TIME);
    const heard = await Promise.all(
      some.map(({ samples }, n) => detectAtHome(house, samples, `recording-${n}`)),
    );
    same += some.filter((recording, n) => heard[n].wake_word_id === recording.heard).length;
  }
  const words = all.filter(({ heard }) => heard !== null).length;
  const detail = `${words} of ${all.length} recordings of words have one that wakegate detect hears`;
  return [line('recordings in which it hears what wakegate detect hears', same, all.length, detail)];
}

const spelled =
  (heard: readonly Result[]) =>
  ({ keyword }: Word, n: number): string =>
    `${keyword}: ${heard[n].wake_word_id === null ? 'nothing' : `"${heard[n].phrase}" at ${heard[n].timestamp} ms`}`;

/** What Home Assistant's own code makes of a sound, at the pace of sound. */
export async function detectAtHome(
  house: House,
  samples: Int16Array,
  name: string,
  keyword?: string,
): Promise<Result> {
  const file = join(house.folder, `${name}.raw`);
  writeFileSync(file, bytesOf(samples));
  const data = { entity_id: ENTITY, file, ...(keyword !== undefined && { wake_word_id: keyword }) };
  return await house.assistant.call<Result>('wakegate_bench.detect', data, { returns: true });
}

interface PipelineEvent {
  readonly type: string;
  readonly data: {
    readonly runner_data?: { readonly stt_binary_handler_id: number };
    readonly wake_word_output?: { readonly wake_word_id?: string };
    readonly message?: string;
  };
}

/**
 * As a satellite that leaves the wake word to Home Assistant: audio goes up until the run is over.
 *
 * @returns the wake word that it heard
 */
async function pipelineRuns({ assistant }: House, samples: Int16Array): Promise<string | undefined> {
  const { id } = await assistant.ask<{ id: string }>('assist_pipeline/pipeline/create', {
    name: 'With wakegate',
    language: 'en',
    conversation_engine: 'homeassistant',
    conversation_language: 'en',
    stt_engine: 'wakegate_bench',
    stt_language: 'en',
    tts_engine: null,
    tts_language: null,
    tts_voice: null,
    wake_word_entity: ENTITY,
    wake_word_id: null,
  });
  let handler: number | undefined;
  let heard: string | undefined;
  let isOver = false;
  const input = { sample_rate: 16_000, timeout: 10 };
  const fields = { pipeline: id, start_stage: 'wake_word', end_stage: 'intent', input };
  await assistant.subscribe<PipelineEvent>('assist_pipeline/run', fields, ({ type, data }) => {
    if (type === 'run-start') handler = data.runner_data!.stt_binary_handler_id;
    if (type === 'wake_word-end') heard = data.wake_word_output?.wake_word_id;
    if (type === 'error') console.error(`assist_pipeline/run: ${data.message}`);
    if (type === 'error' || type === 'run-end') isOver = true;
  });
  await until('the pipeline takes audio', 10, () => handler !== undefined);
  for (let at = 0; at < samples.length && !isOver; at += CHUNK_SAMPLES) {
    const chunk = bytesOf(samples.subarray(at, at + CHUNK_SAMPLES));
    assistant.sendBinary(Uint8Array.of(handler!, ...chunk));
    await sleep((chunk.length / 2) * MS_PER_SAMPLE);
  }
  if (!isOver) assistant.sendBinary(Uint8Array.of(handler!));
  await comesAbout(15, () => isOver);
  return heard;
}

function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function line(name: string, value: number, atLeast: number, detail: string): Line {
  return { name, value, unit: '', bar: { atLeast }, detail };
}

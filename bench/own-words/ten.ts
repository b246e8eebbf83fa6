import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Classifier } from '../../src/classifier/index.js';
import { EnergyMeter } from '../../src/energy/index.js';
import { MODELS_DIRECTORY, parseOwnKeyword, readPack, withOwnKeywords } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import { MALLOC_ENVIRONMENT } from '../../src/process-settings.js';
import { cpuMs, joined, quietRoom } from '../measure.js';
import { speechClips } from '../speech-clips.js';

/**
 * What keywords of one's own cost next to those of a pack: none, one and ten, in a quiet room and in speech, each in processes of their
 * own that take turns.
 *
 *   node dist/bench/own-words/ten.js --keywords DIR [--model DIR] [--minutes 5] [--rounds 3]
 *
 * DIR holds ten files that `wakegate keyword add` made.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: join(MODELS_DIRECTORY, 'wake-words-en') },
    keywords: { type: 'string' },
    minutes: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    count: { type: 'string' },
  },
});

/** Milliseconds of CPU per second of sound, all threads, and what the gate lets through. */
interface Cost {
  readonly quiet: number;
  readonly speech: number;
  readonly passed: number;
  readonly looks: number;
  readonly rssMb: number;
}

const CHUNK = 1280;
const COUNTS = [0, 1, 10];

if (values.count !== undefined) console.log(JSON.stringify(await measured(Number(values.count))));
else await compare();

async function compare(): Promise<void> {
  const costs = new Map<number, Cost[]>(COUNTS.map((count) => [count, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const count of COUNTS) costs.get(count)!.push(inItsOwnProcess(count));
  }
  const median = (count: number, key: keyof Cost) => {
    const sorted = costs
      .get(count)!
      .map((cost) => cost[key])
      .sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  };
  console.log(
    '| own keywords | quiet, ms of CPU per second | speech | gate open in speech | second looks an hour | memory |',
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const count of COUNTS) {
    const of = (key: keyof Cost, digits: number) => median(count, key).toFixed(digits);
    console.log(
      `| ${count} | ${of('quiet', 3)} | ${of('speech', 2)} | ${of('passed', 1)} % | ${of('looks', 0)} | ${of('rssMb', 1)} MB |`,
    );
  }
  const ratio = (key: keyof Cost) => (median(10, key) / median(1, key)).toFixed(2);
  console.log(
    `\nten over one: ${ratio('quiet')} in quiet, ${ratio('speech')} in speech, ${ratio('rssMb')} of memory`,
  );
}

function inItsOwnProcess(count: number): Cost {
  const args = [process.argv[1], ...process.argv.slice(2), '--count', String(count)];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...MALLOC_ENVIRONMENT },
  });
  if (status !== 0) throw new Error(`the part with ${count} keywords failed`);
  return JSON.parse(stdout) as Cost;
}

async function measured(count: number): Promise<Cost> {
  const folder = values.keywords!;
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  if (files.length < count)
    throw new Error(`${folder} has ${files.length} keywords, and ${count} are needed`);
  const own = await Promise.all(
    files
      .slice(0, count)
      .map(async (name) => parseOwnKeyword(await readFile(join(folder, name), 'utf8'), name)),
  );
  const pack = withOwnKeywords(await readPack(values.model), own);
  const classifier = new Classifier({ pack });
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const listener = new Listener({ pack, classifier, meter });
  const seconds = 60 * Number(values.minutes);
  const { clips } = await speechClips(60);
  let at = 0;
  const spent = async (samples: Int16Array): Promise<number> => {
    const start = cpuMs();
    for (let from = 0; from < samples.length; from += CHUNK, at += CHUNK) {
      listener.push(samples.subarray(from, from + CHUNK), at);
      // Live, a handoff is answered before the next one comes.
      await listener.settled();
    }
    return (cpuMs() - start) / seconds;
  };
  await spent(joined(clips, 20 * 16_000)); // woken, and compiled
  const quiet = await spent(quietRoom(seconds * 16_000));
  const before = { ...listener.account() };
  const speech = await spent(joined(clips, seconds * 16_000));
  const after = listener.account();
  const rssMb = process.memoryUsage().rss / 2 ** 20;
  await listener.finish();
  await classifier.close();
  const passed = (100 * (after.passed - before.passed)) / (after.steps - before.steps);
  return { quiet, speech, passed, looks: ((after.looks.count - before.looks.count) * 3600) / seconds, rssMb };
}

/**
 * How many words are missed while a loudspeaker plays in the same room, with echo cancellation and without:
 * `npm run bench:echo -- --words 64`. It needs the recordings, and what {@link buildCanceller} names.
 */
import { parseArgs } from 'node:util';
import { readPack, resolvePack } from '../../src/model/index.js';
import { Random } from '../../src/training/random.js';
import { buildCanceller, withoutEcho } from './canceller.js';
import { type Heard, hearWords } from './hear-words.js';
import { household, recorded } from './household.js';

const { values } = parseArgs({
  options: {
    words: { type: 'string', default: '32' },
    levels: { type: 'string', default: '-10,0' },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: 'wake-words-en' },
  },
});
const data = process.env.WAKEGATE_DATA ?? '../shared/data';
const pack = await readPack(await resolvePack(values.model));
const keywords = pack.keywords.map(({ name }) => name);
const canceller = buildCanceller();

/** How the sound of the microphone reaches the daemon. */
const WAYS = {
  'as it is': null,
  'cancelled by WebRTC': 'webrtc',
  'cancelled by Speex': 'speex',
} as const;

console.log(
  '| it plays | to the words | sound | stopped by the gate | missed | false accepts | steps stopped |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const kind of ['music', 'speech'] as const) {
  const home = await household(data, kind, keywords, Number(values.words), new Random(Number(values.seed)));
  const levels = values.levels.split(',').map(Number);
  for (const db of kind === 'music' ? [null, ...levels] : levels) {
    const microphone = recorded(home, db, new Random(7));
    for (const [way, method] of Object.entries(WAYS)) {
      const played = db === null ? new Int16Array(microphone.length) : Int16Array.from(home.played);
      const sound = method === null ? microphone : await withoutEcho(canceller, microphone, played, method);
      row(db === null ? 'nothing' : kind, db, way, await hearWords(pack, sound, home.spoken));
    }
  }
}

function row(kind: string, db: number | null, way: string, heard: Heard): void {
  const { words, stopped, missed, falseAccepts, seconds, stopRate } = heard;
  const cells = [
    kind,
    db === null ? '' : `${db > 0 ? '+' : ''}${db} dB`,
    way,
    `${stopped} of ${words}`,
    `${missed} of ${words}`,
    `${falseAccepts} in ${(seconds / 60).toFixed(1)} min`,
    `${(100 * stopRate).toFixed(0)} %`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readAudioFile, writeWav } from '../../src/audio/index.js';
import { openBackend } from '../../src/classifier/index.js';
import { melBank } from '../../src/features/mel.js';
import { readPack, resolvePack } from '../../src/model/index.js';
import { Inverter } from './inverter.js';
import { inputsOf, MEL, type Pairs, pairsOf } from './pairs.js';

const USAGE = `npm run bench:privacy -- [--clips N] [--steps N] [--dev N] [--python PROGRAM]
  How much of what was said can be recovered from handoffs? Trains an inverter from compressed activations to
  spectrograms on recordings of train, makes sound of what it gives for others, and has pocketsphinx read it.
  --clips   recordings to train on (default 240)
  --steps   steps of training (default 4000)
  --dev     recordings to invert, of voices that are not in train (default 30)
  --python  with numpy and pocketsphinx: pip install numpy pocketsphinx (default python3)`;

const { values } = parseArgs({
  options: {
    clips: { type: 'string', default: '240' },
    steps: { type: 'string', default: '4000' },
    dev: { type: 'string', default: '30' },
    python: { type: 'string', default: 'python3' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit();
}

const data = join(process.env.WAKEGATE_DATA ?? '../shared/data', 'audio');
const filesOf = (split: string) => {
  const folder = join(data, split, 'librispeech/speech');
  if (!existsSync(folder)) throw new Error(`there are no recordings in ${folder}: set WAKEGATE_DATA`);
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
};
const spread = (files: string[], most: number) =>
  Array.from(
    { length: Math.min(most, files.length) },
    (_, n) => files[Math.floor((n * files.length) / most)],
  );

const pack = await readPack(await resolvePack('wake-words-en'));
const parts: Pairs[] = [];
for (const file of spread(filesOf('train'), Number(values.clips)))
  parts.push(pairsOf(pack, await readAudioFile(file)));
const pairs: Pairs = {
  steps: parts.reduce((sum, { steps }) => sum + steps, 0),
  inputs: joinedFloats(parts.map(({ inputs }) => inputs)),
  targets: joinedFloats(parts.map(({ targets }) => targets)),
};
console.error(`${parts.length} recordings, ${((pairs.steps * 0.04) / 60).toFixed(0)} min`);
const backend = await openBackend('auto');
const inverter = new Inverter(backend, inputsOf(pack), pairs);
inverter.train(pairs, Number(values.steps), (step, loss) => {
  if (step % 500 === 0) console.error(`step ${step}: error ${loss.toFixed(3)} of 1`);
});

const folder = mkdtempSync(join(tmpdir(), 'wakegate-privacy-'));
try {
  const bank = melBank(MEL.bands, MEL.windowSamples, MEL.sampleRate);
  const rows = Array.from({ length: MEL.bands }, (_, band) => ({
    first: bank.firstBin[band],
    weights: [...bank.weights.subarray(bank.rowStart[band], bank.rowStart[band + 1])],
  }));
  writeFileSync(join(folder, 'mel.json'), JSON.stringify({ ...MEL, rows }));
  let error = 0;
  let variance = 0;
  for (const [n, file] of spread(filesOf('dev'), Number(values.dev)).entries()) {
    const samples = await readAudioFile(file);
    const own = pairsOf(pack, samples);
    const inverted = inverter.invert(own);
    const mean = own.targets.reduce((sum, value) => sum + value, 0) / own.targets.length;
    own.targets.forEach((value, i) => {
      error += (value - inverted[i]) ** 2;
      variance += (value - mean) ** 2;
    });
    writeFileSync(join(folder, `${n}.wav`), writeWav(samples, 16_000));
    writeFileSync(join(folder, `${n}.mel`), bytesOf(own.targets));
    writeFileSync(join(folder, `${n}.inverted`), bytesOf(inverted));
  }
  console.log(`share of the spectrogram's variance that is recovered: ${(1 - error / variance).toFixed(3)}`);
  const script = fileURLToPath(new URL('../../../bench/privacy/recognize.py', import.meta.url));
  const { status } = spawnSync(values.python, [script, folder], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}

function joinedFloats(all: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of all) {
    joined.set(one, at);
    at += one.length;
  }
  return joined;
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

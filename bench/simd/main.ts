import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPack, resolvePack } from '../../src/model/index.js';
import { newKernels } from '../../src/simd/index.js';
import { dataDirectory } from '../../src/training/corpus/corpus.js';
import type { Line } from '../measure.js';
import { REPORT_OPTIONS, report } from '../report.js';
import { benchAgreement } from './agreement.js';
import { benchSameDetections } from './same-detections.js';
import { benchStages } from './stages.js';
import { benchStreams } from './streams.js';

const USAGE = `npm run bench:simd -- [--json] [--check] [--model NAME] [--every N] [--seconds N] [--only PART]
  The always-on path by SIMD against the plain one, in turns within one run: CPU time, and whether both decide alike.
  --json     one JSON document instead of the table
  --check    exit code 1 where a line does not meet its bar
  --model    pack to run (default wake-words-en)
  --every    of the dev recordings, hold one in N against the plain path (default 1: all of them)
  --seconds  of each kind of audio (default 120)
  --only     streams, agreement or detections`;

const { values } = parseArgs({
  options: {
    ...REPORT_OPTIONS,
    model: { type: 'string', default: 'wake-words-en' },
    every: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '120' },
    only: { type: 'string' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const kernels = newKernels();
if (kernels === null) {
  console.error(
    'bench:simd: this processor has no SIMD for WebAssembly, so that there is nothing to compare',
  );
  process.exit(1);
}
const pack = await readPack(await resolvePack(values.model));
const lines: Line[] = values.only === undefined ? benchStages(pack, kernels) : [];
if (existsSync(join(dataDirectory(), 'manifest.csv'))) {
  const every = Number(values.every);
  const { only } = values;
  if (only === undefined || only === 'streams')
    lines.push(...(await benchStreams(values.model, Number(values.seconds))));
  if (only === undefined || only === 'agreement') lines.push(...(await benchAgreement(pack, kernels, every)));
  if (only === undefined || only === 'detections') lines.push(...(await benchSameDetections(pack, every)));
} else {
  console.error(`bench:simd: there are no recordings in ${dataDirectory()}: only the stages are measured`);
}
report(lines, values);

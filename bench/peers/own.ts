import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolvePack } from '../../src/model/index.js';
import { drawPicture } from '../../src/training/figures/picture.js';
import type { Line } from '../measure.js';
import { report } from '../report.js';
import { PARTS } from './parts.js';

/** What wakegate itself costs, without its peers: `node dist/bench/peers/own.js [--quick] [--only stages] [--out FOLDER]`. */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    model: { type: 'string', default: 'wake-words-en' },
    only: { type: 'string' },
    out: { type: 'string' },
  },
});

const options = { quick: values.quick, modelDir: await resolvePack(values.model) };
const lines: Line[] = [];
for (const [name, run] of Object.entries(PARTS)) {
  if (values.only !== undefined && values.only !== name) continue;
  const part = await run(options);
  if (!values.json) console.log(`${part.markdown}\n`);
  for (const [file, picture] of Object.entries(part.pictures ?? {})) {
    if (values.out) await writeFile(join(values.out, file), await drawPicture(picture));
  }
  lines.push(...part.lines);
}
report(lines, values);

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { resolvePack } from '../../src/model/index.js';
import { report } from '../report.js';
import { runActivity } from './activity.js';
import { runScale } from './scale.js';
import { runStages } from './stages.js';

/** What wakegate itself costs, without its peers: `node dist/bench/peers/own.js [--quick] [--only stages] [--chart FILE]`. */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    model: { type: 'string', default: 'wake-words-en' },
    only: { type: 'string' },
    chart: { type: 'string' },
  },
});

const options = { quick: values.quick, modelDir: await resolvePack(values.model) };
const lines = [];
if (values.only === undefined || values.only === 'stages') {
  const stages = await runStages(options);
  if (!values.json) console.log(`${stages.markdown}\n`);
  lines.push(...stages.lines);
}
if (values.only === undefined || values.only === 'activity') {
  const activity = await runActivity(options);
  if (!values.json) console.log(`${activity.markdown}\n`);
  if (values.chart) await writeFile(values.chart, activity.pictures!['activity.svg']);
  lines.push(...activity.lines);
}
if (values.only === undefined || values.only === 'scale') {
  const scale = await runScale(options);
  if (!values.json) console.log(`${scale.markdown}\n`);
  lines.push(...scale.lines);
}
report(lines, values);

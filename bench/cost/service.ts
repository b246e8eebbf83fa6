import { resolvePack } from '../../src/model/index.js';
import { benchLatency } from '../daemon/latency.js';
import type { Line } from '../measure.js';
import { cliOf } from '../paths.js';
import { scaleLines } from '../peers/scale.js';
import { besideBefore, inTurn } from './before.js';

/** Of each sound, as many as show whether the bars are met. */
const COUNTS = { quiet: [1, 500, 2000, 3000], words: [1000, 1500], together: [500] };

/** From the end of a word to its event, live: of this build, then of another commit. */
export async function benchLatencies(roots: readonly string[], model: string): Promise<Line[]> {
  const [own, before] = await inTurn(roots, (root) => benchLatency(model, cliOf(root)));
  return besideBefore(own, before);
}

/** How many streams a core carries: of this build, then of another commit. */
export async function benchScale(roots: readonly string[], model: string): Promise<Line[]> {
  const modelDir = await resolvePack(model);
  const [own, before] = await inTurn(roots, (root) => scaleLines(modelDir, COUNTS, root));
  return besideBefore(own, before);
}

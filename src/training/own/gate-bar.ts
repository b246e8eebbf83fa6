import type { Examples } from './examples.js';
import { GATE_TAPS, type GateWeights, gateStream } from './gate-trainer.js';

/** Scores of the gate for which it stays open after the last one over its threshold. */
const HANGOVER = 2;
/** Of what held out voices say, the gate may stop this share. */
const STOPS = 0.01;
/**
 * And it may be open for this share of the bank. Held out voices are synthesized like those that it learned from: a gate that just lets
 * them through stopped one in four people who said one of the phrases that were tried.
 */
const OPEN = 0.04;

/**
 * The gate with the lowest bar that keeps it shut for most of the bank, or a lower one where held out voices need it.
 *
 * @param heldOut by voices that the gate did not learn from
 * @param bank [steps, channels] without the keyword
 */
export function movedGate(
  gate: GateWeights,
  heldOut: readonly Examples[],
  bank: Uint8Array,
  channels: number,
): GateWeights {
  const reach = Float32Array.from(heldOut.flatMap((some) => [...gateReach(gate, some, channels)])).sort();
  const holds = gateHolds(gate, bank, channels).sort();
  const shut = holds[Math.floor(holds.length * (1 - OPEN))] ?? 0;
  const heard = reach[Math.floor(reach.length * STOPS)] ?? shut;
  return { ...gate, bias: gate.bias - Math.min(shut, heard) };
}

/** The highest bar under which the gate would be open at each of its scores in a stream, from the second on. */
export function gateHolds(gate: GateWeights, levels: Uint8Array, channels: number): Float32Array {
  const pairs = pairsOf(gate, levels, channels);
  const holds = new Float32Array(pairs.length).fill(Number.NEGATIVE_INFINITY);
  for (let n = 0; n < holds.length; n++) {
    for (let at = n; at <= n + HANGOVER && at < holds.length; at++) holds[at] = Math.max(holds[at], pairs[n]);
  }
  return holds;
}

/** The highest bar under which the gate would open for the word of each example. */
function gateReach(gate: GateWeights, examples: Examples, channels: number): Float32Array {
  const reach = new Float32Array(examples.count).fill(Number.NEGATIVE_INFINITY);
  const span = examples.steps * channels;
  for (let i = 0; i < examples.count; i++) {
    const pairs = pairsOf(gate, examples.levels.subarray(i * span, (i + 1) * span), channels);
    // From the end of the word on, which has to be looked at.
    const from = Math.max(0, Math.floor((examples.steps - examples.after[i] - GATE_TAPS) / 2) - 1);
    for (const pair of pairs.subarray(from)) reach[i] = Math.max(reach[i], pair);
  }
  return reach;
}

/** What the gate opens by: the mean of each of its scores, from the second on, and the one before. */
function pairsOf(gate: GateWeights, levels: Uint8Array, channels: number): Float32Array {
  const scores = gateStream(gate, channels, levels);
  return scores.subarray(1).map((score, n) => (score + scores[n]) / 2);
}

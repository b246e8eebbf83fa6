/** Softmax of `count` logits from `logits[at]` on, to `out[to]`. */
export function softmaxRow(
  logits: Float32Array,
  at: number,
  count: number,
  out: Float32Array,
  to: number,
): void {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) highest = Math.max(highest, logits[at + i]);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += out[to + i] = Math.exp(logits[at + i] - highest);
  for (let i = 0; i < count; i++) out[to + i] /= sum;
}

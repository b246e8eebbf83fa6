/** Of a run that distils, at a step counted from 1: warm-up, and a cosine down to a hundredth. */
export function distillationRate(
  step: number,
  { steps, learningRate }: { readonly steps: number; readonly learningRate: number },
  warmUpSteps: number,
): number {
  const warmUp = Math.min(1, step / warmUpSteps);
  const cosine = 0.5 * (1 + Math.cos((Math.PI * (step - 1)) / steps));
  return learningRate * warmUp * Math.max(cosine, 0.01);
}

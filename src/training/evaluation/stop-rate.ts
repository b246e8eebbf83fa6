/**
 * Share of gate scores at which the gate is closed. NaN where there are no scores.
 *
 * @param clips smoothed scores of each clip, in order
 * @param hangover scores for which it stays open after the last one over the threshold
 */
export function stopRate(clips: readonly Float32Array[], threshold: number, hangover: number): number {
  let [stopped, all] = [0, 0];
  for (const scores of clips) {
    let openFor = 0;
    for (const score of scores) {
      openFor = score >= threshold ? hangover + 1 : Math.max(0, openFor - 1);
      if (openFor === 0) stopped++;
      all++;
    }
  }
  return stopped / all;
}

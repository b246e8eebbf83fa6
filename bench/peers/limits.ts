import { cpuMs } from '../measure.js';

/** What plain JavaScript can do on this core, when nothing else is in its way. */
export interface Limits {
  /** Multiply-accumulates of doubles that lie in the first-level cache. */
  readonly macsPerSecond: number;
  /** Bytes that are moved within the second-level cache. */
  readonly bytesPerSecond: number;
}

/** The fastest of several rounds each: a limit is what was reached, once. */
export function measureLimits(rounds: number): Limits {
  const fastest = (amount: number, work: () => void) => {
    work();
    const times = Array.from({ length: rounds + 2 }, () => {
      const start = cpuMs();
      work();
      return cpuMs() - start;
    });
    return (1000 * amount) / Math.min(...times);
  };
  const weights = Float64Array.from({ length: 1024 }, (_, i) => Math.sin(i));
  const sums = new Float64Array(8);
  const passes = 40_000;
  const from = new Int16Array(64 * 1024);
  const to = new Int16Array(64 * 1024);
  const copies = 4000;
  return {
    macsPerSecond: fastest(passes * weights.length, () => multiplyAccumulate(weights, sums, passes)),
    bytesPerSecond: fastest(copies * from.byteLength, () => {
      for (let i = 0; i < copies; i++) to.set(from);
    }),
  };
}

/** Eight sums that do not wait for one another, each input used eight times. */
function multiplyAccumulate(weights: Float64Array, sums: Float64Array, passes: number): void {
  let [sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7] = sums;
  for (let pass = 0; pass < passes; pass++) {
    for (let k = 0; k < weights.length; k += 8) {
      const x = weights[k];
      sum0 += x * weights[k];
      sum1 += x * weights[k + 1];
      sum2 += x * weights[k + 2];
      sum3 += x * weights[k + 3];
      sum4 += x * weights[k + 4];
      sum5 += x * weights[k + 5];
      sum6 += x * weights[k + 6];
      sum7 += x * weights[k + 7];
    }
  }
  sums.set([sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7]);
}

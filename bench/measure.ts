/** One line of the table. A bar is what the line has to meet; without one it only informs. */
export interface Line {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly bar?: { readonly atMost: number } | { readonly atLeast: number };
  /** What the ratio is made of, for people. */
  readonly detail: string;
}

export function met({ value, bar }: Line): boolean {
  if (bar === undefined) return true;
  return 'atMost' in bar ? value <= bar.atMost : value >= bar.atLeast;
}

/** CPU time of the whole process, its threads too, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** CPU milliseconds of one `work()`, the median of `runs` after one that is not counted. */
export function medianCpuMs(work: () => void, runs = 7): number {
  work();
  const times = Array.from({ length: runs }, () => {
    const start = cpuMs();
    work();
    return cpuMs() - start;
  });
  return times.sort((a, b) => a - b)[runs >> 1];
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Seeded noise of a quiet room: brown below, faint above, at about -60 dBFS. */
export function quietRoom(samples: number): Int16Array {
  let state = 12_345;
  let low = 0;
  return Int16Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    const white = (state & 0xffff) / 32_768 - 1;
    low = 0.98 * low + 0.3 * white;
    return Math.round(25 * low + 6 * white);
  });
}

/** Clips one after the other, over and over, to the given length. */
export function joined(clips: readonly Int16Array[], length: number): Int16Array {
  const all = new Int16Array(length);
  for (let at = 0, i = 0; at < length; i++) {
    const clip = clips[i % clips.length].subarray(0, length - at);
    all.set(clip, at);
    at += clip.length;
  }
  return all;
}

/** Where CPU time is read from. */
export interface CpuClock {
  /**
   * `thread-cpu`: CPU time of this thread. `wall`: time on the clock, which around synchronous work is its
   * CPU time and whatever the thread was kept waiting for a core: an upper bound.
   */
  readonly kind: 'thread-cpu' | 'wall';
  /** Milliseconds since some moment that stays the same. */
  nowMs(): number;
}

/** Node 22.15, 23.9 and later; younger than the oldest Node that is supported. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => { user: number; system: number } };

/** CPU time of the calling thread where Node reports it, else time on the clock. */
export function bestClock(): CpuClock {
  if (threadCpuUsage === undefined) return { kind: 'wall', nowMs: () => performance.now() };
  return {
    kind: 'thread-cpu',
    nowMs() {
      const { user, system } = threadCpuUsage.call(process);
      return (user + system) / 1000;
    },
  };
}

/** What one reading of a clock costs, in milliseconds, by the clock itself. */
export function readingCostMs(clock: CpuClock): number {
  const readings = 200;
  // The first ones run unoptimized, and would make every later one look expensive.
  for (let i = 0; i < readings; i++) clock.nowMs();
  const start = clock.nowMs();
  for (let i = 0; i < readings; i++) clock.nowMs();
  return (clock.nowMs() - start) / (readings + 1);
}

/** Node 23.9 and later; younger than the oldest Node that is supported. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => { user: number; system: number } };

/** `performance.now()` of a worker may count from the start of the process, so the thread's own start is kept. */
const loadedAtMs = performance.now();

/**
 * CPU time of this thread since it was started, in milliseconds. Where Node cannot say, the time on the clock since
 * this module was loaded: near enough around work that computes and does not wait, on a machine that is not
 * overloaded. Threads that a backend starts for itself are not in it.
 */
export function threadCpuMs(): number {
  if (threadCpuUsage === undefined) return performance.now() - loadedAtMs;
  const { user, system } = threadCpuUsage.call(process);
  return (user + system) / 1000;
}

/**
 * A way out of the daemon other than its own server. It knows the daemon by `Service` alone. One that does not work
 * keeps nobody from listening: it says why, and is started again later.
 */
export interface Bridge {
  /** @throws WakegateError where it cannot start now; it may be started again */
  start(): Promise<void>;
  /** Ends everything. May be called more than once, and before `start`. */
  stop(): Promise<void>;
}

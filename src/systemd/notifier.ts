import { execFile } from 'node:child_process';
import type { Logger } from 'pino';

/** How many times within the watchdog's time it is fed. */
const FEEDINGS = 3;

/**
 * Tells systemd how the daemon is, where systemd has asked to be told. Node has no datagram sockets for its own protocol,
 * so that goes through the program `systemd-notify`.
 */
export class SystemdNotifier {
  readonly #isAsked: boolean;
  readonly #feedEveryMs: number;
  readonly #logger: Logger;
  #lastFedMs = Number.NEGATIVE_INFINITY;
  #faultTold = false;

  /** @param environment NOTIFY_SOCKET and WATCHDOG_USEC of it, as systemd sets them */
  constructor(logger: Logger, environment: NodeJS.ProcessEnv = process.env) {
    this.#logger = logger;
    this.#isAsked = Boolean(environment.NOTIFY_SOCKET);
    const watchdogMs = Number(environment.WATCHDOG_USEC) / 1000;
    this.#feedEveryMs = watchdogMs > 0 ? watchdogMs / FEEDINGS : Number.POSITIVE_INFINITY;
  }

  /** Serving and listening have begun. */
  ready(): void {
    this.#tell('READY=1');
  }

  stopping(): void {
    this.#tell('STOPPING=1');
  }

  /**
   * Something has gone as it should. To be called with every chunk of samples: no timer of its own feeds the watchdog, so
   * a daemon that hangs, or that hears nothing and does not know it, is started anew.
   */
  alive(): void {
    if (this.#feedEveryMs === Number.POSITIVE_INFINITY) return;
    const nowMs = performance.now();
    if (nowMs - this.#lastFedMs < this.#feedEveryMs) return;
    this.#lastFedMs = nowMs;
    this.#tell('WATCHDOG=1');
  }

  #tell(state: string): void {
    if (!this.#isAsked) return;
    execFile('systemd-notify', [state], { timeout: 5000 }, (error) => {
      if (error === null || this.#faultTold) return;
      this.#faultTold = true;
      this.#logger.warn(`systemd could not be told ${state}: ${error.message}`);
    });
  }
}

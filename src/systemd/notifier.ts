import { execFile } from 'node:child_process';
import type { Logger } from 'pino';

/** How often the watchdog is fed within its time. */
const FEEDINGS = 3;
/** Characters of a status. */
const MOST_STATUS = 400;

/**
 * Reports the state of the daemon to systemd, if systemd asked for that. Node has no datagram sockets, which systemd's protocol
 * needs, so this goes through the program `systemd-notify`.
 */
export class SystemdNotifier {
  readonly #isAsked: boolean;
  readonly #feedEveryMs: number;
  readonly #logger: Logger;
  #lastFedMs = Number.NEGATIVE_INFINITY;
  #faultTold = false;
  #status = '';
  #sentStatus = '';
  #isSending = false;

  /** @param environment NOTIFY_SOCKET and WATCHDOG_USEC of it, as systemd sets them */
  constructor(logger: Logger, environment: NodeJS.ProcessEnv = process.env) {
    this.#logger = logger;
    this.#isAsked = Boolean(environment.NOTIFY_SOCKET);
    const watchdogMs = Number(environment.WATCHDOG_USEC) / 1000;
    this.#feedEveryMs = watchdogMs > 0 ? watchdogMs / FEEDINGS : Number.POSITIVE_INFINITY;
  }

  /** Serving and listening have begun. */
  ready(): void {
    this.#notify('READY=1');
  }

  /** How it is, in a sentence that `systemctl status` shows. What changes meanwhile is sent once, as it then is. */
  status(sentence: string): void {
    this.#status = sentence.replaceAll(/\s+/g, ' ').slice(0, MOST_STATUS);
    this.#sendStatus();
  }

  stopping(): void {
    this.#notify('STOPPING=1');
  }

  /**
   * A sign of life. To be called with every chunk of samples: no timer of its own feeds the watchdog, so
   * a daemon that hangs, or that hears nothing and does not know it, is restarted.
   */
  alive(): void {
    if (this.#feedEveryMs === Number.POSITIVE_INFINITY) return;
    const nowMs = performance.now();
    if (nowMs - this.#lastFedMs < this.#feedEveryMs) return;
    this.#lastFedMs = nowMs;
    this.#notify('WATCHDOG=1');
  }

  #sendStatus(): void {
    if (this.#isSending || this.#status === this.#sentStatus) return;
    this.#sentStatus = this.#status;
    this.#isSending = true;
    this.#notify(`STATUS=${this.#status}`, () => {
      this.#isSending = false;
      this.#sendStatus();
    });
  }

  #notify(state: string, done: () => void = () => {}): void {
    if (!this.#isAsked) return;
    execFile('systemd-notify', [state], { timeout: 5000 }, (error) => {
      done();
      if (error === null || this.#faultTold) return;
      this.#faultTold = true;
      this.#logger.warn(`systemd could not be notified of ${state}: ${error.message}`);
    });
  }
}

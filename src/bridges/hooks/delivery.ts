import type { DaemonEvent } from '../../protocol/index.js';

/** What a hook is run for; `test` where someone tries it. */
export type HookEvent = DaemonEvent & { readonly test?: true };

export interface DeliveryOptions {
  /** Whether it is tried again where it fails. */
  readonly retry: boolean;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** How an event leaves the daemon: posted to an address, or given to a command. */
export interface Delivery {
  readonly kind: 'webhook' | 'command';
  /** What may be shown of where it goes. */
  readonly target: string;
  /** How many may be in progress. */
  readonly atOnce: number;
  /** Events that have waited longer are not worth delivering. */
  readonly mostAgeMs: number;
  /**
   * Resolves when the event was taken.
   *
   * @throws WakegateError WG_HOOK_FAILED
   */
  deliver(event: HookEvent, options: DeliveryOptions): Promise<void>;
}

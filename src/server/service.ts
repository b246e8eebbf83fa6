import type { EventBus } from '../daemon-events.js';
import type { EnergyAccount } from '../energy/index.js';
import type { Status } from './status.js';

/** What the server makes known: the daemon, as seen from here. */
export interface Service {
  readonly events: EventBus;
  status(): Status;
  energy(): EnergyAccount;
}

/** Options of every plugin of routes. */
export interface RouteOptions {
  readonly service: Service;
}

import type { Service } from '../service.js';
import type { Activity } from './activity.js';
import type { Connections } from './connections.js';
import type { Observations } from './observations.js';
import type { Tickets } from './tickets.js';

/** Options of every plugin of routes. */
export interface RouteOptions {
  readonly service: Service;
  readonly connections: Pick<Connections, 'hold'>;
  readonly activity: Activity;
  readonly observations: Observations;
  readonly tickets: Tickets;
  /** The OpenAPI document of all routes, which takes memory to make. */
  readonly describe: () => Promise<object>;
}

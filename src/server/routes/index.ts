import type { FastifyPluginAsync } from 'fastify';
import type { RouteOptions } from '../route-options.js';
import { captureRoutes } from './captures.js';
import { detectRoutes } from './detect.js';
import { docsRoutes } from './docs.js';
import { energyRoutes } from './energy.js';
import { eventRoutes } from './events.js';
import { healthRoutes } from './health.js';
import { hookRoutes } from './hooks.js';
import { keywordRoutes } from './keywords.js';
import { listenRoutes } from './listen.js';
import { metricsRoutes } from './metrics.js';
import { modelRoutes } from './models.js';
import { muteRoutes } from './mute.js';
import { pageRoutes } from './page.js';
import { setupRoutes } from './setup.js';
import { statusRoutes } from './status.js';
import { testRoutes } from './test.js';
import { ticketRoutes } from './tickets.js';

/** All that is served, in the order in which it is described. */
export const ROUTES: readonly FastifyPluginAsync<RouteOptions>[] = [
  healthRoutes,
  statusRoutes,
  keywordRoutes,
  captureRoutes,
  modelRoutes,
  muteRoutes,
  setupRoutes,
  hookRoutes,
  detectRoutes,
  eventRoutes,
  testRoutes,
  listenRoutes,
  energyRoutes,
  metricsRoutes,
  ticketRoutes,
  docsRoutes,
  pageRoutes,
];

import type { FastifyPluginAsync } from 'fastify';
import type { DaemonEvent } from '../../protocol/index.js';
import { Type } from '../../schema/index.js';
import type { RouteOptions } from '../route-options.js';
import type { Instruments } from './instruments.js';

export const metricsRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service, activity }) => {
  let loading: Promise<Instruments> | null = null;
  // Loaded by the first thing that there is to collect: a daemon that has heard nothing needs no memory for it.
  const instruments = () => {
    loading ??= import('./instruments.js').then(({ Instruments }) => new Instruments());
    return loading;
  };
  const collect = (event: DaemonEvent) => {
    if (event.type === 'detection') {
      const { keyword, time, heardAt, cost } = event;
      const latencyMs = Date.parse(time) - Date.parse(heardAt);
      instruments().then((all) => all.detected(keyword, Math.max(0, latencyMs / 1000), cost.cpuMs / 1000));
    } else if (event.type === 'classifier' && event.state === 'awake') {
      const { wakeMs } = service.status().classifier;
      instruments().then((all) => all.woke(wakeMs! / 1000));
    }
  };
  service.events.on('event', collect);
  app.addHook('onClose', async () => {
    service.events.off('event', collect);
  });

  app.get(
    '/metrics',
    {
      schema: {
        summary: 'What is counted, for Prometheus',
        response: {
          200: {
            description: 'Text of version 0.0.4.',
            content: { 'text/plain': { schema: Type.String() } },
          },
        },
      },
    },
    async (_request, reply) => {
      const all = await instruments();
      reply.type(all.contentType);
      return all.text({ status: service.status(), account: service.energy(), activity });
    },
  );
};

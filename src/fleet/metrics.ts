import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';
import { WakegateError } from '../errors.js';
import { type FleetOverview, totalsOf } from './view.js';

/** What a worker knows of a fleet, for Prometheus: the exposition format, text version 0.0.4. Loads prom-client. */
export async function metricsText(overview: FleetOverview): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, value: number) =>
    new Gauge({ name: `wakegate_fleet_${name}`, help, registers }).set(value);
  const totals = totalsOf(overview);
  gauge('satellites', 'Satellites that are there.', totals.satellites);
  gauge('workers', 'Workers that are there.', totals.workers);
  gauge('handoffs_per_second', 'Handoffs that satellites send.', totals.perSecond);
  gauge('lag_seconds', 'From a handoff to its answer, mean of the satellites.', totals.lagMs / 1000);
  const metric = (
    Kind: typeof Counter | typeof Gauge,
    name: string,
    help: string,
    labelNames: readonly string[],
  ) => new Kind({ name: `wakegate_fleet_${name}`, help, labelNames, registers }) as Counter;
  const bySatellite = ['satellite', 'room'] as const;
  const handoffs = metric(Counter, 'satellite_handoffs_total', 'By what became of them.', [
    ...bySatellite,
    'result',
  ]);
  const words = metric(Counter, 'satellite_words_total', 'By who answered.', [...bySatellite, 'answered_by']);
  const again = metric(
    Counter,
    'satellite_sent_again_total',
    'Handoffs that were sent once more.',
    bySatellite,
  );
  const lag = metric(Gauge, 'satellite_lag_seconds', 'From a handoff to its answer.', bySatellite);
  for (const { satellite, room, counts } of overview.satellites) {
    if (counts === null) continue;
    const labels = { satellite, room };
    for (const result of ['answered', 'lost', 'own'] as const)
      handoffs.inc({ ...labels, result }, counts[result]);
    words.inc({ ...labels, answered_by: 'this' }, counts.detections);
    words.inc({ ...labels, answered_by: 'another' }, counts.outvoted);
    again.inc(labels, counts.again);
    lag.inc(labels, counts.lagMs / 1000);
  }
  const answers = metric(Counter, 'worker_handoffs_total', 'By what became of them.', ['worker', 'result']);
  const cpu = metric(Counter, 'worker_cpu_seconds_total', 'CPU time of classifying.', ['worker']);
  const workerLag = metric(Gauge, 'worker_lag_seconds', 'From a handoff to its answer, at the worker.', [
    'worker',
  ]);
  for (const { worker, counts } of overview.workers) {
    if (counts === null) continue;
    for (const result of ['answered', 'refused', 'duplicates'] as const)
      answers.inc({ worker, result }, counts[result]);
    cpu.inc({ worker }, counts.cpuMs / 1000);
    workerLag.inc({ worker }, counts.lagMs / 1000);
  }
  return registry.metrics();
}

/**
 * Serves them at `/metrics`.
 *
 * @throws WakegateError WG_PORT_UNAVAILABLE
 */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  overview: () => FleetOverview,
): Promise<Server> {
  const server = createServer((request, response) => {
    const isScrape = request.url === '/metrics' && (request.method === 'GET' || request.method === 'HEAD');
    if (!isScrape) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('The metrics are at /metrics.\n');
      return;
    }
    void metricsText(overview()).then((text) =>
      response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new WakegateError(
          'WG_PORT_UNAVAILABLE',
          `metrics cannot be served at port ${port} of ${host}: ${cause.message}`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  server.unref();
  return server;
}

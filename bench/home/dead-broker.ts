import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.js';
import type { Line } from '../measure.js';

const CLIENT = fileURLToPath(new URL('./broker-client.js', import.meta.url));
const SECONDS = 60;
/** Of each kind, all at the same time. */
const PROCESSES = 5;
/** After which a process has compiled what its first attempt needs. */
const FIRST_MS = 500;

/** Once in each process, V8 tidies its memory up, which takes ten times what is measured: in one minute or in the next. */
const NODE_FLAGS = ['--no-memory-reducer'];

/**
 * What a connection to a broker costs that is of no use, over the minute after it was first tried, when it is tried most often: next
 * to processes that connect to nothing, and with the servers in a process that is not measured.
 */
export async function benchDeadBroker(): Promise<Line[]> {
  const servers = { closes: await serve((socket) => socket.destroy()), silent: await serve(() => {}) };
  const kinds = [null, await freePort(), portOf(servers.closes), portOf(servers.silent)];
  try {
    const [idle, ...dead] = await Promise.all(kinds.map(costOf));
    const names = [
      'a broker that is not there',
      'a broker that closes each connection',
      'a broker that does not answer',
    ];
    return dead.map((ms, i) => ({
      name: names[i],
      value: Math.max(0, ms - idle),
      unit: 'ms/s',
      bar: { atMost: 0.1 },
      detail: `${ms.toFixed(3)} ms/s over the first ${SECONDS} s, when it is tried most often, and ${idle.toFixed(3)} without a connection; medians of ${PROCESSES} processes`,
    }));
  } finally {
    for (const server of Object.values(servers)) server.close();
  }
}

/** @returns CPU time of a process, in ms/s: the median */
async function costOf(port: number | null): Promise<number> {
  const args = port === null ? [] : [`mqtt://127.0.0.1:${port}`];
  const clients = Array.from({ length: PROCESSES }, () => fork(CLIENT, args, { execArgv: NODE_FLAGS }));
  try {
    const costs = await Promise.all(
      clients.map(async (client) => {
        await usageOf(client);
        await sleep(FIRST_MS);
        const before = await usageOf(client);
        await sleep(1000 * SECONDS);
        return ((await usageOf(client)) - before) / SECONDS;
      }),
    );
    return costs.sort((a, b) => a - b)[PROCESSES >> 1];
  } finally {
    for (const client of clients) client.kill();
  }
}

async function usageOf(client: ChildProcess): Promise<number> {
  client.send('usage');
  const [cpuMs] = (await once(client, 'message')) as [number];
  return cpuMs;
}

async function serve(take: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => take(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

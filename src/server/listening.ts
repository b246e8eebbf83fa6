import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Has `server` listen; on localhost at each of its addresses, as the other family is tried by some clients only.
 *
 * @param port 0 for any that is free
 * @returns where it can be reached, such as http://127.0.0.1:8765; of all interfaces, this machine's own first
 * @throws what the system says why it cannot
 */
export async function listen(server: Server, host: string, port: number): Promise<string[]> {
  await listenOn(server, host, port);
  const main = server.address() as AddressInfo;
  const all = addressesOf(main);
  if (host !== 'localhost') return all.map((address) => urlOf(address, main.port));
  const others = await lookup(host, { all: true }).catch(() => []);
  for (const { address } of others) {
    if (address !== main.address && (await listensToo(server, address, main.port))) all.push(address);
  }
  return all.map((address) => urlOf(address, main.port));
}

async function listenOn(server: NetServer, host: string, port: number): Promise<void> {
  server.listen({ host, port });
  await once(server, 'listening');
}

/** Hands over connections of another address. It may be taken, or none of this machine's: then there is one fewer. */
async function listensToo(server: Server, host: string, port: number): Promise<boolean> {
  // As Node has it for HTTP.
  const options = { allowHalfOpen: true, noDelay: true };
  const other = createServer(options, (socket) => server.emit('connection', socket));
  try {
    await listenOn(other, host, port);
  } catch {
    return false;
  }
  server.once('close', () => other.close());
  return true;
}

function addressesOf({ address }: AddressInfo): string[] {
  if (address !== '0.0.0.0') return [address];
  const interfaces = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const reachable = interfaces.filter(({ family }) => family === 'IPv4');
  return reachable.sort((a, b) => Number(b.internal) - Number(a.internal)).map((each) => each.address);
}

function urlOf(address: string, port: number): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

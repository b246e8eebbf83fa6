import { isIP, connect as openTcp, type Socket } from 'node:net';
import type { BrokerSettings } from './settings.js';

/** Starts to connect; `onOpen` is called when bytes may be written. */
export async function openSocket({ host, port, tls }: BrokerSettings, onOpen: () => void): Promise<Socket> {
  if (tls === null) return openTcp({ host, port, noDelay: true }, onOpen);
  const { connect } = await import('node:tls'); // only loaded where it is used
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = connect({ host, port, ...servername, secureContext: tls }, onOpen);
  return socket.setNoDelay(true);
}

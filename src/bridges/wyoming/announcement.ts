import { createSocket, type Socket } from 'node:dgram';
import { hostname, networkInterfaces } from 'node:os';
import { asWakegateError } from '../../errors.js';

export interface AnnouncementOptions {
  readonly port: number;
  /** What is wrong with it while it is there, in a sentence. */
  readonly onProblem: (problem: string) => void;
}

/** The port that is not worth mentioning. */
const USUAL_PORT = 10_400;
/** The largest packet of multicast DNS (RFC 6762, 17), and more questions than anyone has. */
const MAX_PACKET_BYTES = 9000;
const MAX_QUESTIONS = 32;

/** The Wyoming server on the network by multicast DNS, as `_wyoming._tcp.local.`, where Home Assistant looks for it. */
export class Announcement {
  readonly #close: () => Promise<void>;

  private constructor(close: () => Promise<void>) {
    this.#close = close;
  }

  /** @throws WakegateError WG_INTERNAL where the machine does not say what networks it has */
  static async open({ port, onProblem }: AnnouncementOptions): Promise<Announcement> {
    try {
      networkInterfaces(); // the library asks too, where nothing catches what it throws
    } catch (error) {
      throw asWakegateError(
        error,
        'WG_INTERNAL',
        'Wyoming is not announced: the networks of this machine cannot be listed',
      );
    }
    const { default: Bonjour } = await import('bonjour-service');
    const socket = guarded(createSocket({ type: 'udp4', reuseAddr: true }), ({ message }) =>
      onProblem(`Wyoming is not announced on the network: ${message}`),
    );
    const bonjour = new Bonjour({ socket } as object, () => {});
    const host = hostname().split('.')[0];
    bonjour.publish({
      name: port === USUAL_PORT ? `wakegate ${host}` : `wakegate ${host} ${port}`,
      type: 'wyoming',
      port,
      // Of its own: two that answer for one name take each other for somebody else's.
      host: `wakegate-${host}.local`,
      // By probing, the library writes on stdout; the name is this machine's.
      probe: false,
    });
    return new Announcement(
      () => new Promise((resolve) => bonjour.unpublishAll(() => bonjour.destroy(() => resolve()))),
    );
  }

  /** Takes it back. */
  close(): Promise<void> {
    return this.#close();
  }
}

/**
 * A socket of whose events the library sees those that it can bear: it throws errors, and answers every question of a
 * packet with a packet.
 */
function guarded(socket: Socket, onError: (error: Error) => void): Socket {
  const emit = socket.emit.bind(socket) as (event: string, ...values: unknown[]) => boolean;
  const guard = (event: string, ...values: unknown[]): boolean => {
    if (event === 'error') onError(values[0] as Error);
    else if (event !== 'message' || isBearable(values[0] as Buffer)) return emit(event, ...values);
    return true;
  };
  return Object.assign(socket, { emit: guard });
}

function isBearable(packet: Buffer): boolean {
  return packet.length >= 12 && packet.length <= MAX_PACKET_BYTES && packet.readUInt16BE(4) <= MAX_QUESTIONS;
}

import type { Logger } from 'pino';
import { asWakegateError } from '../../errors.js';
import { isLoopback } from '../../network/index.js';
import type { DaemonEvent, WyomingStatus } from '../../protocol/index.js';
import type { Service } from '../../service.js';
import type { Bridge } from '../bridge.js';
import type { Announcement } from './announcement.js';
import { Peer } from './peer.js';
import { WyomingServer } from './server.js';
import { SpeakerMute } from './speaker-mute.js';

export interface WyomingBridgeOptions {
  readonly service: Service;
  readonly logger: Logger;
  /** Takes what is wrong with it while it runs, in a sentence; null where nothing is any more. */
  readonly onProblem: (problem: string | null) => void;
  /** Where to serve; null for not at all. */
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** How many files the process may have open. */
    readonly files: number;
    /** Whether to mute the microphone while a satellite plays that reports its events. */
    readonly mutes?: boolean;
  } | null;
  /** Whether to announce the server on the network. */
  readonly zeroconf: boolean;
  /** Services that are sent each detection, such as tcp://127.0.0.1:10500 */
  readonly peers: readonly string[];
}

/**
 * The Wyoming protocol, by which Home Assistant and satellites ask for wake words: a server that detects in audio that
 * is sent to it, and services that are sent what the daemon's own input heard.
 */
export class WyomingBridge implements Bridge {
  readonly #options: WyomingBridgeOptions;
  readonly #server: WyomingServer | null;
  readonly #peers: readonly Peer[];
  readonly #problems = new Map<string, string>();
  #announcement: Announcement | null = null;
  readonly #onEvent = (event: DaemonEvent) => {
    if (event.type !== 'detection') return;
    const data = { name: event.keyword, timestamp: Date.parse(event.heardAt) };
    for (const peer of this.#peers) peer.send('detection', data);
  };

  constructor(options: WyomingBridgeOptions) {
    const { service, logger, server, peers } = options;
    this.#options = options;
    const speaker = server?.mutes ? new SpeakerMute(service) : null;
    this.#server = server && new WyomingServer({ service, speaker, logger, ...server });
    this.#peers = peers.map(
      (uri) => new Peer({ uri, logger, onProblem: (problem) => this.#tell(uri, problem) }),
    );
  }

  /** The port that is served on; null while there is none. */
  get port(): number | null {
    return this.#server?.port ?? null;
  }

  status(): WyomingStatus {
    const sum = (count: (peer: Peer) => number) => this.#peers.reduce((all, peer) => all + count(peer), 0);
    return {
      connections: this.#server?.connections ?? 0,
      sent: sum(({ sent }) => sent),
      dropped: sum(({ dropped }) => dropped),
    };
  }

  /** @throws WakegateError WG_PORT_UNAVAILABLE; the services are sent detections nevertheless */
  async start(): Promise<void> {
    const { service, server, zeroconf, logger } = this.#options;
    service.events.off('event', this.#onEvent).on('event', this.#onEvent);
    for (const peer of this.#peers) peer.open();
    if (!this.#server || !server) return;
    await this.#server.start();
    logger.info({ port: this.#server.port }, `Serving Wyoming on tcp://${server.host}:${this.#server.port}`);
    if (zeroconf && !isLoopback(server.host)) await this.#announce(this.#server.port!);
  }

  async stop(): Promise<void> {
    this.#options.service.events.off('event', this.#onEvent);
    for (const peer of this.#peers) peer.close();
    await this.#announcement?.close();
    this.#announcement = null;
    await this.#server?.stop();
  }

  /** It is served all the same where that fails. */
  async #announce(port: number): Promise<void> {
    try {
      const { Announcement } = await import('./announcement.js');
      this.#announcement = await Announcement.open({
        port,
        onProblem: (problem) => this.#tell('zeroconf', problem),
      });
    } catch (error) {
      this.#tell(
        'zeroconf',
        asWakegateError(error, 'WG_INTERNAL', 'Wyoming is not announced on the network').message,
      );
    }
  }

  /** @param part a service's URI, or zeroconf */
  #tell(part: string, problem: string | null): void {
    if (problem === null) this.#problems.delete(part);
    else this.#problems.set(part, problem);
    const sentences = [...this.#problems.values()];
    this.#options.onProblem(sentences.length === 0 ? null : sentences.join('; '));
  }
}

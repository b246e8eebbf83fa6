import { WakegateError } from '../../errors.js';

/** The parts of the client for NATS that are used here: it is only installed where a fleet uses it. */
export interface Nats {
  connect(options: object): Promise<NatsLink>;
  headers(): NatsHeaders;
}

export interface NatsLink {
  readonly info?: { readonly max_payload: number };
  publish(subject: string, payload: string | Buffer, options?: { headers: NatsHeaders }): void;
  request(subject: string, payload: string, options: { timeout: number }): Promise<NatsMessage>;
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: NatsMessage) => void },
  ): { unsubscribe(): void };
  /** Resolves when all that was sent has arrived, and all subscriptions are known. */
  flush(): Promise<void>;
  closed(): Promise<Error | undefined>;
  close(): Promise<void>;
  status(): AsyncIterable<{ readonly type: string; readonly error?: Error & { readonly subject?: string } }>;
}

export interface NatsHeaders {
  get(name: string): string;
  set(name: string, value: string): void;
}

export interface NatsMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers?: NatsHeaders;
}

export interface StoredMessage extends NatsMessage {
  readonly redelivered: boolean;
  ack(): void;
}

export interface JetStreamLibrary {
  jetstream(link: NatsLink, options?: { timeout: number }): JetStream;
}

export interface JetStream {
  publish(
    subject: string,
    payload: string | Buffer,
    options: { msgID: string; headers: NatsHeaders; timeout: number },
  ): Promise<unknown>;
  jetstreamManager(): Promise<{
    readonly streams: {
      add(config: object): Promise<unknown>;
      update(name: string, config: object): Promise<unknown>;
    };
    readonly consumers: { add(stream: string, config: object): Promise<unknown> };
  }>;
  readonly consumers: { get(stream: string, consumer: string | object): Promise<Consumer> };
}

export interface Consumer {
  fetch(options: { max_messages: number; expires: number }): Promise<Messages>;
  consume(): Promise<Messages>;
}

export interface Messages extends AsyncIterable<StoredMessage> {
  close(): Promise<unknown>;
}

export interface NatsLibraries {
  readonly nats: Nats;
  readonly jetstream: JetStreamLibrary;
}

const PACKAGES = ['@nats-io/transport-node', '@nats-io/jetstream'] as const;

/** @throws WakegateError WG_PROGRAM_MISSING where it is not installed */
export async function loadNats(): Promise<NatsLibraries> {
  try {
    const [nats, jetstream] = await Promise.all(PACKAGES.map((name) => import(name)));
    return { nats, jetstream };
  } catch (cause) {
    throw new WakegateError(
      'WG_PROGRAM_MISSING',
      `a broker of NATS needs the packages ${PACKAGES.join(' and ')}: npm install ${PACKAGES.join(' ')}`,
      { cause },
    );
  }
}

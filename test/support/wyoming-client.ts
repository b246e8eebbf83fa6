import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface Received {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** What it takes to send a frame, written apart from the code under test. */
export function frame(type: string, data: object | null = null, payload: Uint8Array | null = null): Buffer {
  const json = data === null ? null : Buffer.from(JSON.stringify(data));
  const line = {
    type,
    version: '1.10.0',
    ...(json && { data_length: json.length }),
    ...(payload && { payload_length: payload.length }),
  };
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(line)}\n`),
    json ?? Buffer.alloc(0),
    payload ?? Buffer.alloc(0),
  ]);
}

/** A client of a Wyoming server, and all that it was sent so far. */
export class WyomingClient {
  readonly socket: Socket;
  readonly received: Received[] = [];
  readonly ended: Promise<void>;
  #bytes = Buffer.alloc(0);

  constructor(t: Pick<TestContext, 'after'>, port: number) {
    this.socket = connect({ host: '127.0.0.1', port });
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      while (this.#takeOne());
      this.socket.emit('taken');
    });
    this.ended = new Promise((resolve) => this.socket.once('close', () => resolve()));
    t.after(() => this.socket.destroy());
  }

  send(type: string, data?: object | null, payload?: Uint8Array): this {
    this.socket.write(frame(type, data, payload));
    return this;
  }

  /** s16le mono at 16 kHz, with timestamps from `startMs` on where that is given. */
  sendAudio(samples: Int16Array, { chunkSamples = 1280, startMs = null as number | null } = {}): this {
    for (let at = 0; at < samples.length; at += chunkSamples) {
      const chunk = samples.slice(at, at + chunkSamples);
      const timestamp = startMs === null ? null : Math.floor(startMs + at / 16);
      this.send(
        'audio-chunk',
        { rate: 16_000, width: 2, channels: 1, timestamp },
        new Uint8Array(chunk.buffer),
      );
    }
    return this;
  }

  /** The first event of that type, now or later; fails where the connection ends without. */
  async event(type: string): Promise<Received> {
    for (;;) {
      const found = this.received.find((event) => event.type === type);
      if (found) return found;
      if (this.socket.destroyed)
        throw new Error(`the connection ended without ${type}: ${JSON.stringify(this.received)}`);
      await Promise.race([once(this.socket, 'taken'), this.ended]);
    }
  }

  get detections(): Record<string, unknown>[] {
    return this.received.filter(({ type }) => type === 'detection').map(({ data }) => data);
  }

  #takeOne(): boolean {
    const newline = this.#bytes.indexOf(10);
    if (newline < 0) return false;
    const {
      type,
      data,
      data_length = 0,
      payload_length = 0,
    } = JSON.parse(String(this.#bytes.subarray(0, newline)));
    const end = newline + 1 + data_length;
    if (this.#bytes.length < end + payload_length) return false;
    const more = data_length > 0 ? JSON.parse(String(this.#bytes.subarray(newline + 1, end))) : {};
    this.received.push({ type, data: { ...data, ...more } });
    this.#bytes = this.#bytes.subarray(end + payload_length);
    return true;
  }
}

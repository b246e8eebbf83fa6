import { connect, createServer, type Server, type Socket } from 'node:net';

/** One event of a conversation, as it went over the wire, but for the samples in it. */
export interface TappedFrame {
  readonly connection: number;
  readonly from: 'client' | 'server';
  /** The line, without its end. */
  readonly line: string;
  /** The JSON after it; absent where there is none. */
  readonly data?: string;
  /** Of the payload; absent where there is none. */
  readonly payloadBytes?: number;
}

/** Stands between a Wyoming client and its server, passes everything on, and writes down what it is. */
export class WyomingTap {
  readonly frames: TappedFrame[] = [];
  readonly #server: Server;
  #connections = 0;

  constructor(port: number, serverPort: number) {
    this.#server = createServer((client) => this.#join(client, connect(serverPort, '127.0.0.1')));
    this.#server.listen(port, '127.0.0.1');
  }

  close(): void {
    this.#server.close();
  }

  #join(client: Socket, server: Socket): void {
    const connection = this.#connections++;
    this.#pass(client, server, connection, 'client');
    this.#pass(server, client, connection, 'server');
  }

  #pass(from: Socket, to: Socket, connection: number, side: TappedFrame['from']): void {
    let unread = Buffer.alloc(0);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.on('data', (bytes) => {
      to.write(bytes);
      unread = Buffer.concat([unread, bytes]);
      for (;;) {
        const newline = unread.indexOf(10);
        if (newline < 0) return;
        const line = unread.toString('utf8', 0, newline);
        const { data_length: dataBytes = 0, payload_length: payloadBytes = 0 } = JSON.parse(line);
        const end = newline + 1 + dataBytes + payloadBytes;
        if (unread.length < end) return;
        const data = unread.toString('utf8', newline + 1, newline + 1 + dataBytes);
        this.frames.push({
          connection,
          from: side,
          line,
          ...(dataBytes > 0 && { data }),
          ...(payloadBytes > 0 && { payloadBytes }),
        });
        unread = unread.subarray(end);
      }
    });
  }
}

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it answers to each request in turn, and from then on; null for no answer at all. */
export type Answer = { readonly status: number; readonly headers?: Record<string, string> } | null;

/** An HTTP server that webhooks are posted to. */
export class HookReceiver {
  readonly received: Received[] = [];
  /** Requests that it has, at most, had to answer at the same time. */
  mostAtOnce = 0;
  readonly #server: Server;
  readonly #answers: Answer[];
  #atOnce = 0;

  static async start(t: TestContext, answers: readonly Answer[] = [{ status: 204 }]): Promise<HookReceiver> {
    const receiver = new HookReceiver(answers);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    t.after(() => {
      receiver.#server.closeAllConnections();
      receiver.#server.close();
    });
    return receiver;
  }

  private constructor(answers: readonly Answer[]) {
    this.#answers = [...answers];
    this.#server = createServer(async (request, response) => {
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
      response.on('close', () => this.#atOnce--);
      const body = await text(request);
      const { url = '', headers } = request;
      const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
      this.received.push({ path: url, headers, body });
      if (answer) response.writeHead(answer.status, answer.headers).end('an answer');
      this.#server.emit('received');
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when it was posted to that often. */
  async count(count: number): Promise<readonly Received[]> {
    while (this.received.length < count) await once(this.#server, 'received');
    return this.received;
  }
}

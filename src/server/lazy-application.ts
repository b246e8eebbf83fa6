import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WakegateError } from '../errors.js';
import type { Application, ApplicationParts } from './application.js';
import { errorAnswer, ownFault } from './error-answer.js';
import { answerPlainly } from './plain-answer.js';
import { answerProbe } from './probes.js';

/**
 * The application, loaded by the first request that needs it. Requests that come meanwhile wait, in their order: nothing of their
 * bodies is read, and where there is no room for them they are refused as ever.
 */
export class LazyApplication implements Application {
  readonly #parts: ApplicationParts;
  #loading: Promise<Application> | null = null;
  #loaded: Application | null = null;

  constructor(parts: ApplicationParts) {
    this.#parts = parts;
  }

  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (answerProbe(this.#parts, request, response)) return;
    if (this.#loaded) {
      this.#loaded.answer(request, response);
      return;
    }
    const surplus = this.#parts.connections.surplus(request);
    if (surplus) refuse(response, surplus);
    else
      this.#load().then(
        // Whoever has gone meanwhile gets no answer.
        (application) => response.destroyed || application.answer(request, response),
        () => fail(response),
      );
  };

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (this.#loaded) {
      this.#loaded.upgrade(request, socket, head);
      return;
    }
    // Node has handed the connection over: its errors would be nobody's.
    const end = () => socket.destroy();
    socket.on('error', end);
    const surplus = this.#parts.connections.surplus(request);
    if (surplus) refuse(lastResponse(request, socket), surplus);
    else
      this.#load().then(
        (application) => {
          if (!socket.destroyed) application.upgrade(request, socket, head);
          socket.off('error', end);
        },
        () => fail(lastResponse(request, socket)),
      );
  };

  async close(): Promise<void> {
    await this.#loading?.then((application) => application.close()).catch(() => {});
  }

  #load(): Promise<Application> {
    this.#loading ??= this.#open();
    return this.#loading;
  }

  async #open(): Promise<Application> {
    try {
      const { createApplication } = await import('./application.js');
      this.#loaded = await createApplication(this.#parts);
      return this.#loaded;
    } catch (error) {
      // The next request tries again.
      this.#loading = null;
      this.#parts.logger.error(error);
      throw error;
    }
  }
}

/** On a connection that was handed over for a WebSocket: it ends with the answer. */
function lastResponse(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.assignSocket(socket as Socket);
  return response.once('finish', () => socket.destroy());
}

function refuse(response: ServerResponse, { code, message }: WakegateError): void {
  const answer = errorAnswer(code, message);
  answerPlainly(response, 429, answer, { 'retry-after': '1', connection: 'close' });
}

function fail(response: ServerResponse): void {
  answerPlainly(response, 500, ownFault(), { connection: 'close' });
}

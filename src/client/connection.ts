import { ServiceError } from './service-error.js';

export interface ConnectionOptions {
  /** Such as http://127.0.0.1:8765; behind a proxy it may have a path, as in https://home.example/wakegate */
  readonly url: string | URL;
  /** Where the service asks for one. */
  readonly token?: string;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
}

/** Requests to one service. */
export class Connection {
  readonly token: string | undefined;
  readonly #base: URL;
  readonly #fetch: typeof fetch;

  constructor({ url, token, fetch = globalThis.fetch }: ConnectionOptions) {
    this.#base = new URL(url);
    if (!this.#base.pathname.endsWith('/')) this.#base.pathname += '/';
    this.token = token;
    this.#fetch = fetch.bind(globalThis);
  }

  /** The address of a path, with what is not undefined of a query. */
  urlOf(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): URL {
    const url = new URL(`.${path}`, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  /**
   * The answer, where it is a good one.
   *
   * @throws ServiceError
   */
  async request(url: URL, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token !== undefined) headers.set('authorization', `Bearer ${this.token}`);
    let response: Response;
    try {
      response = await this.#fetch(url, { ...init, headers });
    } catch (error) {
      init.signal?.throwIfAborted();
      throw new ServiceError('WG_SERVICE_UNREACHABLE', `no daemon answers at ${url.origin}`, null, {
        cause: error,
      });
    }
    if (response.ok) return response;
    throw await errorOf(response);
  }

  /** @throws ServiceError */
  async json<Answer>(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Answer> {
    const response = await this.request(this.urlOf(path), {
      ...init,
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    if (response.status === 204) return undefined as Answer;
    try {
      return (await response.json()) as Answer;
    } catch (cause) {
      init.signal?.throwIfAborted();
      throw new ServiceError('WG_SERVICE_UNREACHABLE', isNotOurs(response), response.status, { cause });
    }
  }
}

async function errorOf(response: Response): Promise<ServiceError> {
  const { status } = response;
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return new ServiceError(error.code, error.message, status);
  } catch (cause) {
    return new ServiceError('WG_SERVICE_UNREACHABLE', isNotOurs(response), status, { cause });
  }
}

function isNotOurs({ status, url }: Response): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname} answers ${status}, but not as wakegate does: is the address right?`;
}

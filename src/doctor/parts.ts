import { createServer } from 'node:net';
import { checkBackend as backendOf } from '../classifier/index.js';
import { type Config, configureKeywords } from '../config/index.js';
import { asWakegateError } from '../errors.js';
import { listPacks, readPack, resolvePack } from '../model/index.js';
import type { Status } from '../protocol/index.js';
import { readText } from '../read-text.js';
import { type Finding, right, wrong } from './finding.js';

const STATUS_TIMEOUT_MS = 3000;

export async function checkModel({ model, keywords }: Pick<Config, 'model' | 'keywords'>): Promise<Finding> {
  try {
    const pack = await readPack(await resolvePack(model));
    const names = configureKeywords(pack.keywords, keywords).map(({ name }) => name);
    return right('model pack', `${pack.name}: ${names.join(', ')}`);
  } catch (error) {
    const { code, message } = asWakegateError(error, 'WG_MODEL_INVALID', `${model} cannot be read`);
    if (code === 'WG_CONFIG_INVALID') return wrong('model pack', message, 'wakegate config print');
    const [other = 'wake-words-en'] = (await listPacks()).filter((name) => name !== model);
    return wrong('model pack', message, `wakegate run --model ${other}`);
  }
}

export async function checkBackend({ backend }: Pick<Config, 'backend'>): Promise<Finding> {
  try {
    return right('backend', `the classifier runs on ${await backendOf(backend)}`);
  } catch (error) {
    const { message } = asWakegateError(error, 'WG_BACKEND_UNAVAILABLE', `${backend} cannot be used`);
    return wrong(
      'backend',
      message,
      backend === 'wasm' ? 'npm install --global wakegate' : 'wakegate run --backend wasm',
    );
  }
}

/** The status of a daemon that serves there already, with its token; null where none does. */
export async function runningDaemon({
  host,
  port,
  tokenFile,
}: Pick<Config, 'host' | 'port' | 'tokenFile'>): Promise<Status | null> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/v1/status`;
  try {
    const headers: Record<string, string> = {};
    if (tokenFile !== undefined) headers.authorization = `Bearer ${(await readText(tokenFile)).trim()}`;
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(STATUS_TIMEOUT_MS) });
    const status = (await answer.json()) as Status | null;
    return typeof status?.input?.state === 'string' ? status : null;
  } catch {
    return null;
  }
}

/** Whether the port can be served on. */
export async function checkPort({ host, port }: Pick<Config, 'host' | 'port'>): Promise<Finding> {
  const server = createServer();
  const fault = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port }, () => resolve(null));
  });
  server.close();
  if (fault === null) return right('port', `${port} of ${host} is free`);
  if (fault.code === 'EADDRINUSE') {
    return wrong('port', `${port} of ${host} is taken by another program`, `ss -ltnp sport = :${port}`);
  }
  return wrong(
    'port',
    `cannot serve on port ${port} of ${host}: ${fault.message}`,
    'wakegate run --port 8765',
  );
}

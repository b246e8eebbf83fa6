import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

const WRITE_WHEEL = `
import sys, zipfile
path, name, version, part = sys.argv[1:]
info = f'{name}-{version}.dist-info/'
with zipfile.ZipFile(path, 'w') as wheel:
    wheel.write(part, f'{name}/part.bin')
    wheel.writestr(info + 'METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
`;

/** A server that is PyPI and npm at once, for pip and npm of this process and its children. */
export class LocalRegistry {
  readonly #folder: string;
  readonly #answers = new Map<string, { type: string; body: Buffer | string }>();
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  #url = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(folder: string): Promise<LocalRegistry> {
    const registry = new LocalRegistry(folder);
    const server = createServer(({ url = '' }, response) => {
      registry.asked.push(url);
      const answer = registry.#answers.get(url);
      if (!answer) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': answer.type }).end(answer.body);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    // Nothing waits for it when the tests are over.
    server.unref();
    registry.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Object.assign(process.env, {
      PIP_INDEX_URL: `${registry.#url}/simple`,
      PIP_FIND_LINKS: '',
      PIP_NO_CACHE_DIR: '1',
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      npm_config_registry: `${registry.#url}/npm/`,
      npm_config_cache: join(folder, 'npm-cache'),
      npm_config_fetch_retries: '0',
      npm_config_update_notifier: 'false',
    });
    return registry;
  }

  /** @returns the sha256 of the wheel, which holds `part` as `part.bin` */
  addWheel(name: string, version: string, part: Buffer): string {
    const module = name.replaceAll('-', '_');
    const file = `${module}-${version}-py3-none-any.whl`;
    const path = join(this.#folder, file);
    writeFileSync(`${path}.bin`, part);
    execFileSync('python3', ['-c', WRITE_WHEEL, path, module, version, `${path}.bin`]);
    const body = readFileSync(path);
    this.#answers.set(`/files/${file}`, { type: 'application/octet-stream', body });
    this.#answers.set(`/simple/${name}/`, {
      type: 'text/html',
      body: `<a href="/files/${file}">${file}</a>`,
    });
    return sha256Of(body);
  }

  /** @returns the sha256 of the archive */
  addNpm(name: string, version: string, files: Readonly<Record<string, Buffer | string>>): string {
    const root = join(this.#folder, `npm-${name}`);
    const about = { name, version };
    for (const [path, body] of Object.entries({ 'package.json': JSON.stringify(about), ...files })) {
      mkdirSync(dirname(join(root, 'package', path)), { recursive: true });
      writeFileSync(join(root, 'package', path), body);
    }
    execFileSync('tar', ['-czf', `${root}.tgz`, '-C', root, 'package']);
    const body = readFileSync(`${root}.tgz`);
    const tarball = `/npm/${name}/-/${name}-${version}.tgz`;
    const integrity = `sha512-${createHash('sha512').update(body).digest('base64')}`;
    const dist = { tarball: `${this.#url}${tarball}`, integrity };
    const packument = { name, 'dist-tags': { latest: version }, versions: { [version]: { ...about, dist } } };
    this.#answers.set(`/npm/${name}`, { type: 'application/json', body: JSON.stringify(packument) });
    this.#answers.set(tarball, { type: 'application/octet-stream', body });
    return sha256Of(body);
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

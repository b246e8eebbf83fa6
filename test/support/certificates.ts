import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why tests with certificates are skipped; false where openssl is installed. */
export const noOpenssl = spawnSync('openssl', ['version']).error ? 'there is no openssl here' : false;

const KEY = ['-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** A CA of its own in a folder, `ca.pem`, and what it signs: `NAME.pem` and `NAME.key`, for 127.0.0.1. */
export class Certificates {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    writeFileSync(this.path('names'), 'subjectAltName=IP:127.0.0.1');
    this.#openssl(
      'req',
      '-x509',
      '-days',
      '2',
      ...KEY,
      '-subj',
      '/CN=ca',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  /** @param days how long it is valid; 0 for not any more, from the next second on */
  sign(name: string, days = 2): void {
    this.#openssl('req', ...KEY, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days)];
    this.#openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-extfile', 'names', '-out', `${name}.pem`);
  }

  /** Settings of who has that certificate. */
  settingsOf(name: string) {
    return {
      mqttCa: this.path('ca.pem'),
      mqttCertificate: this.path(`${name}.pem`),
      mqttKey: this.path(`${name}.key`),
    };
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' });
  }
}

import { readFile } from 'node:fs/promises';
import type { SecureContext } from 'node:tls';
import { type Config, MQTT_PASSWORD_VARIABLE } from '../config/index.js';
import { asWakegateError, WakegateError } from '../errors.js';
import { readText } from '../read-text.js';

/** Where a broker is, and who we are to it. */
export interface BrokerSettings {
  /** As it was configured, for messages. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Null for a connection without TLS. Made once: each attempt to connect would cost that much more. */
  readonly tls: SecureContext | null;
  readonly user: string | null;
  readonly password: string | null;
}

export type BrokerConfig = Pick<
  Config,
  'mqttUrl' | 'mqttUser' | 'mqttPasswordFile' | 'mqttCa' | 'mqttCertificate' | 'mqttKey'
>;

const PORT = { 'mqtt:': 1883, 'mqtts:': 8883, 'nats:': 4222, 'tls:': 4222 } as const;

/**
 * Reads the files that the settings name.
 *
 * @throws WakegateError WG_CONFIG_INVALID for files that cannot be read or hold something else, and settings that
 *   do not go together
 */
export async function readBrokerSettings(
  config: BrokerConfig,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<BrokerSettings> {
  const { mqttUrl, mqttUser = null } = config;
  if (mqttUrl === undefined) throw invalid('mqttUrl is missing: it says where the broker is');
  if (!URL.canParse(mqttUrl)) {
    throw invalid(`mqttUrl ${mqttUrl} is not a valid address: give one like mqtt://homeassistant.local:1883`);
  }
  const { protocol, hostname, port } = new URL(mqttUrl);
  const password = await readPassword(config, environment);
  if (password !== null && mqttUser === null) {
    throw invalid('there is a password for the MQTT broker, but no user: give mqttUser too');
  }
  return {
    url: mqttUrl.replace(/\/$/, ''),
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? PORT[protocol as keyof typeof PORT] : Number(port),
    tls: await readTls(config, protocol === 'mqtts:' || protocol === 'tls:'),
    user: mqttUser,
    password,
  };
}

async function readPassword(
  { mqttPasswordFile }: BrokerConfig,
  environment: NodeJS.ProcessEnv,
): Promise<string | null> {
  const given = environment[MQTT_PASSWORD_VARIABLE];
  if (given) return given;
  if (mqttPasswordFile === undefined) return null;
  const text = await readText(mqttPasswordFile).catch((error) => {
    throw unreadable('mqttPasswordFile', mqttPasswordFile, error);
  });
  const [line, ...rest] = text.split(/\r?\n/);
  if (line === '' || rest.some((more) => more !== '')) {
    throw invalid(`mqttPasswordFile ${mqttPasswordFile} must hold the password as its one line`);
  }
  return line;
}

async function readTls(config: BrokerConfig, isTls: boolean): Promise<SecureContext | null> {
  const { mqttCa, mqttCertificate, mqttKey } = config;
  if (!isTls) {
    const [unused] = Object.entries({ mqttCa, mqttCertificate, mqttKey }).filter(([, path]) => path);
    if (unused)
      throw invalid(
        `${unused[0]} is for connections with TLS: start the broker's address with mqtts://, or tls:// for NATS`,
      );
    return null;
  }
  if ((mqttCertificate === undefined) !== (mqttKey === undefined)) {
    throw invalid('mqttCertificate and mqttKey go together: give both, or neither');
  }
  const ca = await readPem('mqttCa', mqttCa, /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/);
  const cert = await readPem('mqttCertificate', mqttCertificate, /-----BEGIN CERTIFICATE-----/);
  const key = await readPem('mqttKey', mqttKey, /-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  const { createSecureContext } = await import('node:tls'); // only loaded where it is used
  try {
    return createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  } catch (error) {
    throw asWakegateError(
      error,
      'WG_CONFIG_INVALID',
      'mqttCa, mqttCertificate and mqttKey cannot be used together',
    );
  }
}

async function readPem(key: string, path: string | undefined, holds: RegExp): Promise<Buffer | null> {
  if (path === undefined) return null;
  const bytes = await readFile(path).catch((error) => {
    throw unreadable(key, path, error);
  });
  if (holds.test(bytes.toString('latin1'))) return bytes;
  throw invalid(`${key} ${path} holds nothing of the kind, as PEM: it must have a line ${holds.source}`);
}

function unreadable(key: string, path: string, error: NodeJS.ErrnoException): WakegateError {
  const why = error.code === 'ENOENT' ? 'there is no such file' : error.message;
  return new WakegateError('WG_CONFIG_INVALID', `${key} ${path} cannot be read: ${why}`, { cause: error });
}

function invalid(sentence: string): WakegateError {
  return new WakegateError('WG_CONFIG_INVALID', sentence);
}

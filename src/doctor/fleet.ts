import { readBrokerSettings } from '../broker/index.js';
import type { Config } from '../config/index.js';
import { asWakegateError } from '../errors.js';
import { readFleet } from '../fleet/overview.js';
import { fingerprintText, fleetTopicsOf } from '../fleet/topics.js';
import { readPack, resolvePack } from '../model/index.js';
import { type Finding, right, unknown, wrong } from './finding.js';

/** Of a satellite: whether workers are there that hold its model pack. */
export async function checkWorkers(config: Config, mqttUrl: string): Promise<Finding> {
  const about = 'workers';
  const pack = await resolvePack(config.model)
    .then(readPack)
    .catch(() => null);
  if (pack === null) return unknown(about, 'without a model pack there is none to look for');
  const fingerprint = fingerprintText(pack.fingerprint);
  try {
    const broker = await readBrokerSettings({ ...config, mqttUrl });
    const { workers } = await readFleet(broker, fleetTopicsOf(config));
    const holding = workers.filter(({ packs }) => packs.some((held) => held.fingerprint === fingerprint));
    const names = holding.map(({ worker }) => worker).join(', ');
    if (holding.length > 0)
      return right(about, `${names} at ${mqttUrl} ${holding.length === 1 ? 'holds' : 'hold'} ${pack.name}`);
    return wrong(
      about,
      `at ${mqttUrl} there is no worker with model pack ${pack.name} (${fingerprint})${workers.length === 0 ? '' : ': those that are there hold others'}`,
      `wakegate classify --broker ${mqttUrl}`,
    );
  } catch (error) {
    const { message } = asWakegateError(error, 'WG_BROKER_UNREACHABLE', `${mqttUrl} cannot be asked`);
    return wrong(about, message, 'wakegate home');
  }
}

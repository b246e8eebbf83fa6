import { once } from 'node:events';
import { BrokerConnection, readBrokerSettings } from '../../src/broker/index.js';
import { cpuMs } from '../measure.js';

/**
 * The process that is measured: a connection to a broker and nothing else, or no connection, where no address is given.
 * It starts at the first message over its IPC channel, and answers each with its CPU time, in ms.
 */

const [mqttUrl] = process.argv.slice(2);
const last = { topic: 'bench', payload: 'offline' };
const settings = await readBrokerSettings({ mqttUrl: mqttUrl ?? 'mqtt://127.0.0.1' }, {});
const connection = new BrokerConnection({ settings, clientId: 'bench', will: last, subscriptions: [] });

process.on('disconnect', () => process.exit());
await once(process, 'message');
if (mqttUrl !== undefined) connection.start();
process.send!(cpuMs());
process.on('message', () => process.send!(cpuMs()));

import type { Config } from '../config/index.js';
import { brokerUrlOf } from '../fleet/broker-url.js';
import type { Status } from '../protocol/index.js';
import { checkEcho } from './echo.js';
import { checkExtractors } from './extractors.js';
import { type Finding, right, wrong } from './finding.js';
import { checkClock, checkMemory, checkNode } from './machine.js';
import { checkDevices, checkLevel, checkPermission, checkRecorders } from './microphone.js';
import { checkBackend, checkModel, checkPort, runningDaemon } from './parts.js';

export type { Finding } from './finding.js';

/**
 * Checks everything that the daemon needs, and reports each result as soon as it is known. A daemon that already runs is
 * asked about what it uses.
 *
 * @param running what a daemon says that asks this about itself
 */
export async function* examine(config: Config, running?: Status): AsyncGenerator<Finding> {
  yield checkNode();
  yield checkMemory();
  yield await checkClock();
  yield await checkModel(config);
  yield await checkExtractors(config);
  const broker = brokerOf(config);
  // Loaded for satellites only.
  if (broker !== undefined) yield await (await import('./fleet.js')).checkWorkers(config, broker);
  // A satellite of a broker's workers has no classifier of its own.
  if (broker === undefined || config.classifier === 'auto') yield await checkBackend(config);
  const daemon = running ?? (await runningDaemon(config));
  yield daemon
    ? right('port', `${config.port} of ${config.host} is served by wakegate ${daemon.version}`)
    : await checkPort(config);
  yield checkRecorders(config);
  yield await checkDevices(config);
  yield await checkEcho(config);
  yield checkPermission();
  yield daemon ? levelOf(daemon) : await checkLevel(config);
}

function levelOf({ input }: Status): Finding {
  const trouble = input.reason ?? input.problem;
  if (trouble !== null) return wrong('level', `the running daemon reports: ${trouble}`, 'wakegate devices');
  const level = input.levelDbfs === null ? 'no sound' : `${input.levelDbfs.toFixed(1)} dBFS`;
  return right('level', `the running daemon is ${input.state}, at ${level}, on ${input.name}`);
}

/** The broker whose workers classify; undefined where this machine does it alone. */
function brokerOf(config: Config): string | undefined {
  return config.classifier === 'own' ? undefined : brokerUrlOf(config);
}

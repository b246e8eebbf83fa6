import type { Command } from 'commander';
import type { Status } from '../protocol/index.js';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { addExamples } from './examples.js';
import { durationText } from './numbers.js';
import { printableIn } from './printable.js';

export function statusCommand(command: Command): void {
  addDaemonFlags(command.description('Print the status of a running daemon'))
    .option('--json', 'Print JSON, with exact numbers')
    .option('--ready', 'Only say whether it can detect, or is muted: the exit code is 0 if so, else 1')
    .action(showStatus);
  addExamples(command, {
    'wakegate status': 'Is it listening, and to what?',
    'wakegate status --ready': 'For scripts: fails with a sentence where nothing can be heard',
    'wakegate status --url http://kitchen.local:8765 --token-file kitchen.token': 'Ask another machine',
  });
}

interface StatusOptions extends DaemonOptions {
  readonly json?: boolean;
  readonly ready?: boolean;
}

async function showStatus(options: StatusOptions): Promise<void> {
  if (options.ready) {
    await withDaemon(options, (daemon) => daemon.checkReady());
    console.log('ready');
    return;
  }
  const status = await withDaemon(options, (daemon) => daemon.status());
  if (options.json) {
    console.log(JSON.stringify(status, null, 2));
    return;
  }
  const { version, uptimeSeconds, input, gate, classifier, model, keywords, ...more } = printableIn(status);
  const level = input.levelDbfs === null ? '' : `, ${input.levelDbfs.toFixed(0)} dBFS`;
  const stopped =
    gate.stopRate === null ? 'nothing heard yet' : `${(100 * gate.stopRate).toFixed(1)} % stopped`;
  const problem = input.reason ?? input.problem;
  const lines = [
    `wakegate ${version}, running for ${durationText(uptimeSeconds)}`,
    `input       ${input.name}: ${input.state}${level}; gaps ${input.gaps}, restarts ${input.restarts}`,
    ...(problem === null ? [] : [`            ${problem}`]),
    `gate        ${gate.open ? 'open' : 'closed'}, score ${gate.score.toFixed(2)}, opens at ${gate.threshold.toFixed(2)}; ${stopped}`,
    `classifier  ${classifier.state}; woken ${classifier.wakes} times, answered ${classifier.answered}`,
    `model       ${model.name}`,
    ...keywords.map(
      ({ name, label, enabled, threshold }) =>
        `keyword     ${name}${label === name ? '' : ` (${label})`}: ${enabled ? `threshold ${threshold.toFixed(2)}` : 'off'}`,
    ),
    ...bridgeLines(more),
    ...more.problems.map(({ part, problem }) => `problem     ${part}: ${problem}`),
  ];
  console.log(lines.join('\n'));
}

/** Only of those that are on; daemons of earlier versions do not say. */
function bridgeLines({ mqtt, wyoming }: Pick<Status, 'mqtt' | 'wyoming'>): string[] {
  return [
    ...(!mqtt
      ? []
      : [
          `mqtt        ${mqtt.connected ? 'connected' : 'not connected'}; sent ${mqtt.sent}, waiting ${mqtt.waiting}, dropped ${mqtt.dropped}`,
        ]),
    ...(!wyoming
      ? []
      : [
          `wyoming     ${wyoming.connections} connections; detections sent ${wyoming.sent}, dropped ${wyoming.dropped}`,
        ]),
  ];
}

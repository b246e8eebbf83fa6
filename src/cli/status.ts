import type { Command } from 'commander';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';

export function statusCommand(command: Command): void {
  addDaemonFlags(command.description('show how a running daemon is'))
    .option('--json', 'print JSON instead')
    .action(showStatus);
}

async function showStatus(options: DaemonOptions & { readonly json?: boolean }): Promise<void> {
  const status = await withDaemon(options, (daemon) => daemon.status());
  if (options.json) {
    console.log(JSON.stringify(status, null, 2));
    return;
  }
  const { version, uptimeSeconds, input, gate, classifier, model, keywords } = status;
  const level = input.levelDbfs === null ? '' : `, ${input.levelDbfs.toFixed(0)} dBFS`;
  const stopped =
    gate.stopRate === null ? 'nothing heard yet' : `${(100 * gate.stopRate).toFixed(1)} % stopped`;
  const problem = input.reason ?? input.problem;
  const lines = [
    `wakegate ${version}, up ${Math.round(uptimeSeconds)} s`,
    `input       ${input.name}: ${input.state}${level}; gaps ${input.gaps}, restarts ${input.restarts}`,
    ...(problem === null ? [] : [`            ${problem}`]),
    `gate        ${gate.open ? 'open' : 'shut'}, score ${gate.score.toFixed(2)} of ${gate.threshold}; ${stopped}`,
    `classifier  ${classifier.state}; wakes ${classifier.wakes}, answers ${classifier.answered}`,
    `model       ${model.name}`,
    ...keywords.map(
      ({ name, label, enabled, threshold }) =>
        `keyword     ${name}${label === name ? '' : ` (${label})`}: ${enabled ? `from ${threshold} on` : 'off'}`,
    ),
  ];
  console.log(lines.join('\n'));
}

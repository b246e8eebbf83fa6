import { type EnergyAccount, STAGES } from '../energy/index.js';
import { roundedText as fine, wholeText as whole } from './numbers.js';

const HEADINGS = ['stage', 'calls', 'CPU ms', 'MACs', 'bytes in', 'bytes out', 'mJ'];

/** The account as a table for people: stages in the order in which audio meets them, then what the gate saved. */
export function energyTable(account: EnergyAccount): string {
  const { basis, clock, saved, stages, total } = account;
  const rows = STAGES.map((name) => {
    const { calls, cpuMs, macs, bytesIn, bytesOut, energyMj } = stages[name];
    return [name, whole(calls), fine(cpuMs), whole(macs), whole(bytesIn), whole(bytesOut), fine(energyMj)];
  });
  rows.push(['total', '', fine(total.cpuMs), '', '', '', fine(total.energyMj)]);
  const widths = HEADINGS.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  return [
    ...[HEADINGS, ...rows].map(line),
    '',
    `mJ by ${basis.name}. ${basis.how}`,
    ...(clock === 'wall' ? ['CPU time was measured by the clock on the wall, so it is an upper bound.'] : []),
    saved === null
      ? 'What the gate saved is known once the classifier has been awake.'
      : `Saved by the gate: ${fine(saved.energyMj)} mJ by ${saved.basis} (${fine(saved.alwaysOnCpuMs)} ms of CPU without it, ` +
        `${fine(saved.cpuMs)} ms with it: ${fine(saved.ratio)} times less). ${saved.how}`,
    '',
  ].join('\n');
}

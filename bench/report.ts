import { type Line, met } from './measure.js';

/** What every bench that reports takes on its command line, for `parseArgs`. */
export const REPORT_OPTIONS = {
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Prints the lines, as a table or as one JSON document, and sets the exit code where a bar is to be met and is not. */
export function report(lines: readonly Line[], { json, check }: { json: boolean; check: boolean }): void {
  console.log(
    json
      ? JSON.stringify(
          lines.map((line) => ({ ...line, met: met(line) })),
          null,
          2,
        )
      : table(lines),
  );
  if (check && !lines.every(met)) process.exitCode = 1;
}

function table(rows: readonly Line[]): string {
  const bar = ({ bar }: Line) =>
    bar === undefined ? '' : 'atMost' in bar ? `<= ${bar.atMost}` : `>= ${bar.atLeast}`;
  const cells = rows.map(
    (row) =>
      `| ${row.name} | ${number(row.value)} ${row.unit} | ${bar(row)} | ${met(row) ? 'yes' : 'NO'} | ${row.detail} |`,
  );
  return ['| what | measured | bar | met | how |', '| --- | --- | --- | --- | --- |', ...cells].join('\n');
}

function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 1000 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
}

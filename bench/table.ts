import { type Line, met } from './measure.js';

/** Lines as a table for people, or as one JSON document. */
export function formatLines(lines: readonly Line[], json: boolean): string {
  return json
    ? JSON.stringify(
        lines.map((line) => ({ ...line, met: met(line) })),
        null,
        2,
      )
    : table(lines);
}

function table(lines: readonly Line[]): string {
  const bar = ({ bar }: Line) =>
    bar === undefined ? '' : 'atMost' in bar ? `<= ${bar.atMost}` : `>= ${bar.atLeast}`;
  const rows = lines.map(
    (line) =>
      `| ${line.name} | ${number(line.value)} ${line.unit} | ${bar(line)} | ${met(line) ? 'yes' : 'NO'} | ${line.detail} |`,
  );
  return ['| what | measured | bar | met | how |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function number(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
}

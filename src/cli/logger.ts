import { type Logger, pino } from 'pino';

/** Logs to stdout: JSON lines, or on a terminal lines for people. */
export function createLogger(level: string): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return process.stdout.isTTY ? pino(options, { write: (line) => writeForPeople(line) }) : pino(options);
}

/** `15:12:01 info  Heard "alexa"  score=0.93 seconds=12.4` */
function writeForPeople(line: string): void {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const details = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  const clock = new Date(time as string).toLocaleTimeString('en-GB');
  process.stdout.write(`${clock} ${String(level).padEnd(5)} ${[msg, '', ...details].join(' ').trimEnd()}\n`);
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import { type Logger, pino } from 'pino';
import { isoTime } from '../iso-time.js';
import { clockText } from './clock-text.js';
import type { LogLines } from './log-lines.js';
import { printableIn } from './printable.js';

export interface LoggerOptions {
  /** At level `info` on a terminal, only logs warnings and errors: the rest is shown by other means. */
  readonly isBrief?: boolean;
  /** Where JSON lines go, in place of pino's own way to stdout, which waits. */
  readonly lines?: LogLines | null;
}

/** Logs to stdout: JSON lines, or on a terminal lines for people. */
export function createLogger(level: string, { isBrief = false, lines = null }: LoggerOptions = {}): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${isoTime(Date.now())}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!process.stdout.isTTY) return lines ? pino(options, lines) : pino(options);
  const logger = pino(options, { write: (line) => write(line) });
  const write = (line: string) => {
    const fields = printableIn(JSON.parse(line) as Fields);
    if (!isBrief || logger.level !== 'info' || fields.level !== 'info') writeForPeople(fields);
  };
  return logger;
}

type Fields = Readonly<Record<string, unknown>>;

/** `15:12:01 warn  The microphone is lost: …  code=WG_RECORDER_FAILED` */
function writeForPeople({ time, level, msg, ...fields }: Fields): void {
  const details = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  const clock = clockText(time as string);
  process.stdout.write(`${clock} ${String(level).padEnd(5)} ${[msg, '', ...details].join(' ').trimEnd()}\n`);
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

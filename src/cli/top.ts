import type { Command } from 'commander';
import type { EventType, WakegateClient } from '../client/index.js';
import { clockText } from './clock-text.js';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { eventText } from './event-text.js';
import { addExamples } from './examples.js';
import { unprotected } from './printable.js';
import { styleOf } from './style.js';
import { TopState } from './top-state.js';
import { cut, lineOf, screenOf } from './top-view.js';

export function topCommand(command: Command): void {
  addDaemonFlags(
    command.description('Show what a running daemon hears and thinks, live: on a terminal until q is typed'),
  ).action(showTop);
  addExamples(command, {
    'wakegate top': 'Level, gate, classifier, and every keyword against its threshold',
    'wakegate top --url http://kitchen.local:8765 --token-file kitchen.token': 'The same of another machine',
    'wakegate top | head -n 10': 'Ten lines of text, one a second',
  });
}

const TYPES: readonly EventType[] = [
  'detection',
  'gate',
  'classifier',
  'input',
  'config',
  'problem',
  'scores',
];
const SECOND_MS = 1000;

/** Another screen than the one before, to which the terminal comes back; without a cursor. */
const BEGIN = '\x1b[?1049h\x1b[?25l';
const END = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const CTRL_C = '\x03';

async function showTop(options: DaemonOptions): Promise<void> {
  await withDaemon(options, async (daemon) => {
    // What comes is awaited for as long as it takes, so report first if there is no daemon at all.
    await daemon.status();
    if (process.stdout.isTTY) await onTerminal(daemon);
    else await asLines(daemon);
  });
}

async function onTerminal(daemon: WakegateClient): Promise<void> {
  const { stdin, stdout } = process;
  const write = unprotected(stdout); // what is shown is made printable where it is put together
  const style = styleOf(stdout);
  const state = new TopState();
  const ending = new AbortController();
  const end = () => ending.abort();
  const typed = (keys: Buffer) => {
    if (/[qQ]/.test(String(keys)) || String(keys).includes(CTRL_C)) end();
  };
  const draw = () => {
    const lines = screenOf(state, style, performance.now(), clock());
    const fitting = lines.slice(0, stdout.rows || 24).map((line) => cut(line, stdout.columns || 80));
    write(`${HOME}${fitting.map((line) => line + CLEAR_LINE).join('\r\n')}${CLEAR_BELOW}`);
  };
  // The clock goes on while nothing comes, and posteriors fade.
  const ticking = setInterval(draw, SECOND_MS);
  for (const signal of SIGNALS) process.on(signal, end);
  stdout.on('resize', draw);
  if (stdin.isTTY) stdin.setRawMode(true).on('data', typed);
  write(BEGIN);
  try {
    await follow(daemon, state, ending.signal, draw);
  } finally {
    clearInterval(ticking);
    stdout.off('resize', draw);
    if (stdin.isTTY) stdin.off('data', typed).setRawMode(false).pause();
    for (const signal of SIGNALS) process.off(signal, end);
    write(END);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** For what is no terminal: a line a second, and one for each detection. */
async function asLines(daemon: WakegateClient): Promise<void> {
  // The reader may stop early, as head does.
  process.stdout.on('error', () => process.exit());
  const style = styleOf(process.stdout);
  const state = new TopState();
  const print = () => process.stdout.write(`${lineOf(state, performance.now(), clock())}\n`);
  const ticking = setInterval(print, SECOND_MS);
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const signal of SIGNALS) process.on(signal, end);
  let printed = 0;
  try {
    await follow(daemon, state, ending.signal, () => {
      const [newest] = state.detections;
      if (newest === undefined || newest.sequence <= printed) return;
      printed = newest.sequence;
      process.stdout.write(`${eventText(newest, style)}\n`);
    });
  } finally {
    clearInterval(ticking);
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

async function follow(
  daemon: WakegateClient,
  state: TopState,
  signal: AbortSignal,
  onChange: () => void,
): Promise<void> {
  const onLost = () => {
    state.lost();
    onChange();
  };
  for await (const message of daemon.events({ types: TYPES, signal, onLost })) {
    state.take(message, performance.now());
    onChange();
  }
}

function clock(): string {
  return clockText(new Date());
}

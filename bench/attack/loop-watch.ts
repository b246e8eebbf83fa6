import { readFileSync, writeFileSync } from 'node:fs';

/**
 * For `node --import`: writes into the file LOOP_WATCH how much CPU time the thread that listens has spent at most between
 * two turns of a timer, in milliseconds. CPU time, as a busy machine makes everything late. The file is removed to begin
 * again.
 */
const file = process.env.LOOP_WATCH!;
const EVERY_MS = 2;
const TURNS_PER_REPORT = 50;

let most = 0;
let before = threadCpuMs();
let turns = 0;

setInterval(() => {
  const now = threadCpuMs();
  most = Math.max(most, now - before);
  if (++turns % TURNS_PER_REPORT === 0) report();
  before = threadCpuMs();
}, EVERY_MS).unref();

function report(): void {
  try {
    readFileSync(file);
  } catch {
    most = 0;
  }
  writeFileSync(file, String(most));
}

function threadCpuMs(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]) / 1e6;
}

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { REST_MS } from '../../src/audio/microphone/rhythm.js';
import { type Effort, effortOf, LiveDaemon } from './live-daemon.js';

const RECORDER = fileURLToPath(new URL('./recorder.js', import.meta.url));

/** Reads what a recorder gives each 80 ms, and does nothing with it. */
const BARE_READER = `
const { spawn } = require('node:child_process');
spawn(process.execPath, [${JSON.stringify(RECORDER)}], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.on('data', () => {});
`;

/** Reads it now and then, as the daemon does between words, and does nothing with it. */
const RESTING_READER = `
const { spawn } = require('node:child_process');
const { readSync } = require('node:fs');
const { stdout } = spawn(process.execPath, [${JSON.stringify(RECORDER)}], { stdio: ['ignore', 'pipe', 'inherit'] });
const bytes = new Uint8Array(65_536);
stdout.once('data', () => {
  stdout._handle.readStop();
  setInterval(() => { try { readSync(stdout._handle.fd, bytes); } catch {} }, ${REST_MS.steady});
});
`;

export interface HeardLive {
  /** At 16 kHz, for all of the time and some seconds more. */
  readonly samples: Int16Array;
  /** Left out of what is measured. */
  readonly settleSeconds: number;
  readonly seconds: number;
}

/** What the whole daemon does in a second, and at the same time programs that only read the same pipe: as it fills, and now and then. */
export async function besideBareReader(
  model: string,
  { samples, settleSeconds, seconds }: HeardLive,
  cli?: readonly string[],
): Promise<{ readonly daemon: Effort; readonly bare: Effort; readonly resting: Effort }> {
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-bare-'));
  writeFileSync(join(folder, 'audio.raw'), new Uint8Array(samples.buffer));
  const daemon = new LiveDaemon({ samples }, model, cli);
  const [bare, resting] = [BARE_READER, RESTING_READER].map((reader) =>
    spawn(process.execPath, ['-e', reader], {
      stdio: 'inherit',
      env: { ...process.env, AUDIO: join(folder, 'audio.raw') },
      detached: true,
    }),
  );
  const pids = [daemon.pid, bare.pid!, resting.pid!];
  try {
    await sleep(settleSeconds * 1000);
    const before = pids.map(effortOf);
    await sleep(seconds * 1000);
    const [ours, theirs, seldom] = pids.map(effortOf).map(({ waits, cpuMs }, i) => ({
      waits: (waits - before[i].waits) / seconds,
      cpuMs: (cpuMs - before[i].cpuMs) / seconds,
    }));
    return { daemon: ours, bare: theirs, resting: seldom };
  } finally {
    // Their recorders too.
    for (const reader of [bare, resting]) process.kill(-reader.pid!, 'SIGKILL');
    await daemon.stop();
    rmSync(folder, { recursive: true });
  }
}

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Effort, effortOf, LiveDaemon } from './live-daemon.js';

const RECORDER = fileURLToPath(new URL('./recorder.js', import.meta.url));

/** Reads what a recorder gives each 80 ms, and does nothing with it. */
const BARE_READER = `
const { spawn } = require('node:child_process');
spawn(process.execPath, [${JSON.stringify(RECORDER)}], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.on('data', () => {});
`;

export interface HeardLive {
  /** At 16 kHz, for all of the time and some seconds more. */
  readonly samples: Int16Array;
  /** Left out of what is measured. */
  readonly settleSeconds: number;
  readonly seconds: number;
}

/** What the whole daemon does in a second, and a program that only reads the same pipe as it fills, at the same time. */
export async function besideBareReader(
  model: string,
  { samples, settleSeconds, seconds }: HeardLive,
  cli?: readonly string[],
): Promise<{ readonly daemon: Effort; readonly bare: Effort }> {
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-bare-'));
  writeFileSync(join(folder, 'audio.raw'), new Uint8Array(samples.buffer));
  const daemon = new LiveDaemon({ samples }, model, cli);
  const bare = spawn(process.execPath, ['-e', BARE_READER], {
    stdio: 'inherit',
    env: { ...process.env, AUDIO: join(folder, 'audio.raw') },
    detached: true,
  });
  try {
    await sleep(settleSeconds * 1000);
    const before = [effortOf(daemon.pid), effortOf(bare.pid!)];
    await sleep(seconds * 1000);
    const [ours, theirs] = [effortOf(daemon.pid), effortOf(bare.pid!)].map(({ waits, cpuMs }, i) => ({
      waits: (waits - before[i].waits) / seconds,
      cpuMs: (cpuMs - before[i].cpuMs) / seconds,
    }));
    return { daemon: ours, bare: theirs };
  } finally {
    process.kill(-bare.pid!, 'SIGKILL'); // its recorder too
    await daemon.stop();
    rmSync(folder, { recursive: true });
  }
}

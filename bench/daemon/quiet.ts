import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Line, quietRoom } from '../measure.js';
import { effortOf, LiveDaemon } from './live-daemon.js';

const RECORDER = fileURLToPath(new URL('./recorder.js', import.meta.url));
/** Long enough for V8 to have tidied up its heap after the start, which it does twice, some 10 s later. */
const SETTLE_SECONDS = 30;

/** Reads what a recorder gives each 80 ms, and does nothing with it. */
const BARE_READER = `
const { spawn } = require('node:child_process');
spawn(process.execPath, [${JSON.stringify(RECORDER)}], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.on('data', () => {});
`;

/** What the whole daemon costs in a quiet room, compared with a program that only reads the same pipe as it fills. */
export async function benchQuiet(model: string, seconds = 60): Promise<Line[]> {
  const samples = quietRoom((SETTLE_SECONDS + seconds + 30) * 16_000);
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-quiet-'));
  writeFileSync(join(folder, 'audio.raw'), new Uint8Array(samples.buffer));
  const daemon = new LiveDaemon({ samples }, model);
  const bare = spawn(process.execPath, ['-e', BARE_READER], {
    stdio: 'inherit',
    env: { ...process.env, AUDIO: join(folder, 'audio.raw') },
    detached: true,
  });
  try {
    await sleep(SETTLE_SECONDS * 1000);
    const before = [effortOf(daemon.pid), effortOf(bare.pid!)];
    await sleep(seconds * 1000);
    const after = [effortOf(daemon.pid), effortOf(bare.pid!)];
    const [ours, theirs] = after.map(({ waits, cpuMs }, i) => ({
      waits: (waits - before[i].waits) / seconds,
      cpuMs: (cpuMs - before[i].cpuMs) / seconds,
    }));
    return [
      {
        name: 'quiet: wake-ups a second',
        value: ours.waits,
        unit: '/s',
        bar: { atMost: 5 },
        detail: `voluntary context switches of all threads, over ${seconds} s; the bare reader: ${theirs.waits.toFixed(1)}`,
      },
      {
        name: 'quiet: CPU, share of a bare reader',
        value: ours.cpuMs / theirs.cpuMs,
        unit: '',
        bar: { atMost: 0.6 },
        detail: `${ours.cpuMs.toFixed(2)} and ${theirs.cpuMs.toFixed(2)} ms a second`,
      },
    ];
  } finally {
    process.kill(-bare.pid!, 'SIGKILL'); // its recorder too
    await daemon.stop();
    rmSync(folder, { recursive: true });
  }
}

import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Line } from '../measure.js';
import { joined, quietRoom } from '../measure.js';
import { MeasuredProcess } from '../service/measured-process.js';
import { speechClips } from '../speech-clips.js';
import { FleetBroker } from './broker.js';
import { WorkerProcess } from './worker-process.js';

const RAW_BYTES = 32_000;
const QUIET_SECONDS = 45;
const SPEECH_SECONDS = 60;
const SETTLE_SECONDS = 5;
/** Ethernet with its preamble and gap 38, IPv4 20, TCP with time stamps 32. */
const SEGMENT_BYTES = 90;

/** What a satellite sends and receives on the network, both ways, down to the cable. */
export async function benchTraffic(): Promise<Line[]> {
  const broker = await FleetBroker.start();
  const worker = await WorkerProcess.start(broker.url, 'one');
  const { clips, what } = await speechClips(20);
  const quiet = quietRoom((SETTLE_SECONDS + QUIET_SECONDS + 1) * 16_000);
  const speech = joined(clips, (SPEECH_SECONDS + 5) * 16_000);
  const hears = new Int16Array(quiet.length + speech.length);
  hears.set(quiet);
  hears.set(speech, quiet.length);
  const satellite = await MeasuredProcess.start({
    hears,
    config: { classifier: broker.url, mqttName: 'kitchen' },
  });
  try {
    await sleep(SETTLE_SECONDS * 1000);
    const bytes = () => bytesOf(broker.port, satellite.pid);
    const from = bytes();
    await sleep(QUIET_SECONDS * 1000);
    const middle = bytes();
    await sleep(2000);
    const [start, before] = [bytes(), await satellite.status()];
    await sleep(SPEECH_SECONDS * 1000);
    const [end, after] = [bytes(), await satellite.status()];
    const ratio = (over: number, seconds: number) => (RAW_BYTES * seconds) / Math.max(1, over);
    const handoffs = after.fleet!.sent - before.fleet!.sent;
    const stopped = 1 - (after.gate.passed - before.gate.passed) / (after.gate.steps - before.gate.steps);
    return [
      {
        name: 'raw audio over what a satellite sends and receives, quiet',
        value: ratio(middle - from, QUIET_SECONDS),
        unit: 'x',
        bar: { atLeast: 500 },
        detail: `${((middle - from) / QUIET_SECONDS).toFixed(1)} bytes a second, down to the cable`,
      },
      {
        name: 'raw audio over what a satellite sends and receives, speech',
        value: ratio(end - start, SPEECH_SECONDS),
        unit: 'x',
        bar: { atLeast: 100 },
        detail: `${((end - start) / SPEECH_SECONDS).toFixed(0)} bytes a second, ${((end - start) / Math.max(1, handoffs)).toFixed(0)} a handoff with its answer; ${handoffs} handoffs in ${SPEECH_SECONDS} s of ${what}, of which the gate stopped ${(100 * stopped).toFixed(1)} %`,
      },
    ];
  } finally {
    await satellite.stop();
    await worker.kill('SIGTERM');
    await broker.stop();
  }
}

/** By the kernel's own count of bytes and segments of the process's connections to that port. */
function bytesOf(port: number, pid: number): number {
  const text = execFileSync('ss', ['-Htinp', 'dport', '=', `:${port}`], { encoding: 'utf8' });
  const blocks = text.split(/\n(?=\S)/).filter((block) => block.includes(`pid=${pid},`));
  const sum = (pattern: RegExp) =>
    blocks.reduce((total, block) => total + Number(pattern.exec(block)?.[1] ?? 0), 0);
  const segments = sum(/segs_out:(\d+)/) + sum(/segs_in:(\d+)/);
  return sum(/bytes_sent:(\d+)/) + sum(/bytes_received:(\d+)/) + SEGMENT_BYTES * segments;
}

import {
  type LevelMeter,
  listInputs,
  MicrophoneSource,
  peakDbfs,
  rmsDbfs,
  SAMPLE_RATE,
} from '../audio/index.js';
import type { Config } from '../config/index.js';
import type { Device, DeviceLevel, MicrophoneChoice, MicrophoneInUse } from '../protocol/index.js';
import type { DaemonInput } from './input.js';

/** A word is longer; whoever waits for a level does not want to wait longer. */
const LEVEL_SECONDS = 0.5;

type InUse = Pick<MicrophoneInUse, 'recorder' | 'device'>;

/** Microphones, as each recorder that is installed knows them. */
export async function listDevices(
  { recorder, device }: InUse,
  input: Pick<DaemonInput, 'isMicrophone'>,
): Promise<Device[]> {
  const inputs = await listInputs();
  return inputs.map((each) => ({
    ...each,
    inUse: input.isMicrophone && each.name === device && (recorder === 'auto' || recorder === each.recorder),
  }));
}

/**
 * The level of a microphone: of the one in use from its meter, of any other from half a second that is recorded.
 *
 * @throws WakegateError as the recorder has it
 */
export async function levelOf(
  { recorder, device }: MicrophoneChoice,
  inUse: InUse,
  { rate, channels, channel }: Pick<Config, 'rate' | 'channels' | 'channel'>,
  input: Pick<DaemonInput, 'isMicrophone'>,
  level: LevelMeter,
): Promise<DeviceLevel> {
  const isInUse =
    input.isMicrophone &&
    (device ?? null) === inUse.device &&
    (recorder === undefined || recorder === inUse.recorder || inUse.recorder === 'auto');
  if (isInUse) return { dbfs: finite(level.dbfs), peakDbfs: null, seconds: 0.1 };
  const source = new MicrophoneSource({
    recorder: recorder ?? inUse.recorder,
    ...(device !== undefined && { device }),
    rate,
    channels,
    channel,
  });
  const heard = new Int16Array(LEVEL_SECONDS * SAMPLE_RATE);
  let length = 0;
  for await (const { samples } of source) {
    const part = samples.subarray(0, heard.length - length);
    heard.set(part, length);
    length += part.length;
    if (length === heard.length) break;
  }
  const sound = heard.subarray(0, length);
  return { dbfs: finite(rmsDbfs(sound)), peakDbfs: finite(peakDbfs(sound)), seconds: length / SAMPLE_RATE };
}

function finite(dbfs: number): number | null {
  return Number.isFinite(dbfs) ? dbfs : null;
}

import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  findRecorder,
  type InputDevice,
  listInputs,
  MicrophoneSource,
  mendOf,
  peakDbfs,
  RECORDER_PROGRAMS,
  type RecorderProgram,
  rmsDbfs,
  SAMPLE_RATE,
} from '../audio/index.js';
import type { Config } from '../config/index.js';
import { asWakegateError } from '../errors.js';
import { type Finding, right, unknown, wrong } from './finding.js';

export type MicrophoneConfig = Pick<
  Config,
  'recorder' | 'device' | 'rate' | 'channels' | 'channel' | 'gainDb' | 'highPassHz'
>;

const PACKAGES: Record<RecorderProgram, string> = {
  arecord: 'alsa-utils',
  parec: 'pulseaudio-utils',
  'pw-record': 'pipewire-bin',
  sox: 'sox',
};

const LEVEL_SECONDS = 2;
/** Rounding to 16 bits is at -101 dBFS; any microphone in the quietest room is above this. */
const TOO_QUIET_DBFS = -85;
/** The peaks of speech are far below. */
const TOO_LOUD_DBFS = -0.1;

export function checkRecorders({ recorder }: MicrophoneConfig): Finding {
  const installed = RECORDER_PROGRAMS.filter((program) => findRecorder(program) !== null);
  if (recorder !== 'auto' && !installed.includes(recorder)) {
    return wrong(
      'recorder',
      `${recorder}, named in the settings, is not installed`,
      `sudo apt-get install ${PACKAGES[recorder]}`,
    );
  }
  if (installed.length > 0) return right('recorder', `${installed.join(', ')} can record`);
  return wrong('recorder', 'no recording program is installed', 'sudo apt-get install alsa-utils');
}

export async function checkDevices({ device }: MicrophoneConfig, procAsound?: string): Promise<Finding> {
  const devices = (await listInputs(procAsound)).filter(({ isMonitor }) => !isMonitor);
  if (devices.length === 0) {
    return wrong('devices', 'neither ALSA nor a sound server knows a microphone: plug one in', 'arecord -l');
  }
  const named = (one: InputDevice) => `${one.name} (${one.description})`;
  if (device === undefined || devices.some(({ name }) => name === device)) {
    return right('devices', devices.map(named).join(', '));
  }
  // Recorders know more names than can be listed, such as those of .asoundrc: the check of the level decides.
  return unknown(
    'devices',
    `${device}, named in the settings, is not among ${devices.map(named).join(', ')}`,
  );
}

/** Whether this user may use the kernel's sound devices; a sound server uses them for the user. */
export function checkPermission(devSnd = '/dev/snd'): Finding {
  let nodes: string[];
  try {
    nodes = readdirSync(devSnd).filter((name) => /^pcmC\d+D\d+c$/.test(name));
  } catch {
    nodes = [];
  }
  if (nodes.length === 0) return unknown('permission', `there is no capture device in ${devSnd} to check`);
  const refused = nodes.filter((name) => !isAccessible(join(devSnd, name)));
  if (refused.length === 0) return right('permission', 'this user may use the sound devices');
  return wrong(
    'permission',
    `this user may not use ${refused.join(', ')}: it is not in the group audio, or has not logged in again since`,
    'sudo usermod --append --groups audio "$USER"',
  );
}

/** Records two seconds as the daemon would, and checks the level. */
export async function checkLevel(config: MicrophoneConfig): Promise<Finding> {
  const heard = new Int16Array(LEVEL_SECONDS * SAMPLE_RATE);
  let length = 0;
  const { device, ...options } = config;
  try {
    const source = new MicrophoneSource({ ...options, ...(device && { device }) });
    for await (const { samples } of source) {
      const part = samples.subarray(0, heard.length - length);
      heard.set(part, length);
      length += part.length;
      if (length === heard.length) break;
    }
  } catch (error) {
    const fault = asWakegateError(error, 'WG_RECORDER_FAILED', 'the microphone cannot be checked');
    return wrong('level', fault.message, mendOf(fault.message) ?? 'wakegate devices');
  }
  return judgeLevel(heard);
}

/** @param heard at 16 kHz */
export function judgeLevel(heard: Int16Array): Finding {
  const rms = rmsDbfs(heard);
  const peak = peakDbfs(heard);
  const level = `${rms.toFixed(1)} dBFS, peak ${peak.toFixed(1)}, in ${LEVEL_SECONDS} s`;
  if (heard.every((sample) => sample === heard[0])) {
    return wrong('level', 'the microphone gives only silence: it is muted', 'alsamixer --view=capture');
  }
  if (rms < TOO_QUIET_DBFS) {
    return wrong('level', `${level}: too quiet, turn it up`, 'alsamixer --view=capture');
  }
  if (peak > TOO_LOUD_DBFS)
    return wrong('level', `${level}: it clips, turn it down`, 'alsamixer --view=capture');
  return right('level', level);
}

function isAccessible(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, type RecorderProgram } from './find-recorder.js';
import { outputOf } from './program-output.js';

/** Something to record from, by a name that it keeps when the machine restarts or other devices are plugged in. */
export interface InputDevice {
  /** Which recorder knows it by this name. */
  readonly recorder: RecorderProgram;
  /** For the settings `device`, and `recorder` with it. */
  readonly name: string;
  /** For people. */
  readonly description: string;
  /** Rates that it can be asked for without being resampled by others, in Hz; null where that is not known. */
  readonly rates: Range | null;
  /** Null where it is not known: the device is in use, or does not say. */
  readonly channels: Range | null;
  /** It gives what is played, and is no microphone. */
  readonly isMonitor: boolean;
}

export interface Range {
  readonly lowest: number;
  readonly highest: number;
}

/** All inputs there are, by every recorder that is installed. @param procAsound where ALSA lists its cards */
export async function listInputs(procAsound = '/proc/asound'): Promise<InputDevice[]> {
  const lists = [alsaInputs(procAsound), pulseInputs(), pipewireInputs()];
  return (await Promise.all(lists)).flat();
}

/**
 * ALSA's capture devices. Numbers of cards change with the order in which they are found, their ids do not, unless two are
 * of the same make.
 */
async function alsaInputs(procAsound: string): Promise<InputDevice[]> {
  const arecord = findOnPath('arecord');
  if (arecord === null) return [];
  const devices: InputDevice[] = [];
  // 01-00: USB Audio : USB Audio : playback 1 : capture 1
  for (const [, card, device, name] of readText(join(procAsound, 'pcm')).matchAll(
    /^(\d+)-(\d+): ([^:]*) :.*\bcapture \d+/gm,
  )) {
    const id = readText(join(procAsound, `card${Number(card)}`, 'id')).trim() || String(Number(card));
    const address = `CARD=${id},DEV=${Number(device)}`;
    // One at a time: subdevices of a card may not be open together.
    const asked = [
      '--device',
      `hw:${address}`,
      '--dump-hw-params',
      '--duration=1',
      '--file-type=raw',
      '/dev/null',
    ];
    const parameters = (await outputOf(arecord, asked, { of: 'stderr' })) ?? '';
    devices.push({
      recorder: 'arecord',
      name: `plughw:${address}`,
      description: [cardName(procAsound, Number(card)), name.trim()].filter(Boolean).join(', '),
      rates: rangeOf(parameters, 'RATE'),
      channels: rangeOf(parameters, 'CHANNELS'),
      isMonitor: false,
    });
  }
  return devices;
}

/** ` 1 [Device         ]: USB-Audio - USB PnP Sound Device` */
function cardName(procAsound: string, card: number): string {
  const line = new RegExp(`^ *${card} \\[.*?\\]: .*? - (.*)$`, 'm').exec(readText(join(procAsound, 'cards')));
  return line?.[1].trim() ?? '';
}

/** `RATE: [44100 48000]` or `CHANNELS: 1`, as ALSA prints what a device can do. */
function rangeOf(parameters: string, name: string): Range | null {
  const found = new RegExp(`^${name}: *[[(]?(\\d+)(?: (\\d+))?`, 'm').exec(parameters);
  return found && { lowest: Number(found[1]), highest: Number(found[2] ?? found[1]) };
}

/** PulseAudio's sources, or those of PipeWire in its place. They are resampled and mixed to whatever is asked for. */
async function pulseInputs(): Promise<InputDevice[]> {
  const pactl = findOnPath('pactl');
  if (pactl === null || findOnPath('parec') === null) return [];
  const list = (await outputOf(pactl, ['list', 'short', 'sources'])) ?? '';
  return list.split('\n').flatMap((line) => {
    // 0  alsa_input.usb-Maker_Name-00.mono-fallback  module-alsa-card.c  s16le 1ch 48000Hz  IDLE
    const [, name, , specification = ''] = line.split('\t');
    if (!name) return [];
    const [, channels, rate] = /(\d+)ch (\d+)Hz/.exec(specification) ?? [];
    return {
      recorder: 'parec',
      name,
      description: name.replace(/^alsa_input\./, '').replaceAll('_', ' '),
      rates: only(rate),
      channels: only(channels),
      isMonitor: name.endsWith('.monitor'),
    };
  });
}

interface PipewireObject {
  readonly type: string;
  readonly info?: {
    readonly props?: Readonly<Record<string, unknown>> | null;
    readonly params?: { readonly EnumFormat?: unknown } | null;
  };
}

interface PipewireFormat {
  readonly rate?: unknown;
  readonly channels?: unknown;
}

/** PipeWire's sources. They are resampled and mixed to whatever is asked for. */
async function pipewireInputs(): Promise<InputDevice[]> {
  const dump = findOnPath('pw-dump');
  if (dump === null || findOnPath('pw-record') === null) return [];
  return pipewireObjects((await outputOf(dump, [])) ?? '').flatMap(({ type, info }) => {
    const {
      'media.class': mediaClass,
      'node.name': name,
      'node.description': description,
    } = info?.props ?? {};
    if (!type.endsWith(':Node') || !/^Audio\/Source/.test(String(mediaClass)) || !name) return [];
    const formats = info?.params?.EnumFormat;
    const format = Array.isArray(formats) ? (formats[0] as PipewireFormat | undefined) : undefined;
    return {
      recorder: 'pw-record',
      name: String(name),
      description: String(description ?? name),
      rates: only(choice(format?.rate)),
      channels: only(choice(format?.channels)),
      isMonitor: false,
    };
  });
}

/** What pw-dump prints; nothing where it is not what is expected of it. */
function pipewireObjects(text: string): PipewireObject[] {
  try {
    const objects: unknown = JSON.parse(text);
    if (!Array.isArray(objects)) return [];
    return objects.filter((object) => typeof object?.type === 'string');
  } catch {
    return [];
  }
}

/** Of a value, or of several to choose from. */
function choice(value: unknown): number | undefined {
  const one = typeof value === 'object' ? (value as { default?: unknown } | null)?.default : value;
  return typeof one === 'number' && Number.isFinite(one) ? one : undefined;
}

function only(value: string | number | undefined): Range | null {
  return value === undefined ? null : { lowest: Number(value), highest: Number(value) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // there is no sound card, or the kernel does not list them
  }
}

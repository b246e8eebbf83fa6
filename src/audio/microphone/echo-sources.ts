import { findOnPath } from './find-recorder.js';
import { outputOf } from './program-output.js';

/** A source of a sound server from which the sound of a loudspeaker has been taken out. */
export interface EchoSource {
  /** Which recorder knows it by this name. */
  readonly recorder: 'parec' | 'pw-record';
  readonly name: string;
  /** What takes it out, as the server was told: `webrtc`, `speex`; null where that is not known. */
  readonly method: string | null;
  /** Whether it is recorded where no device is named. */
  readonly isDefault: boolean;
}

/** Those there are, by every sound server that is asked. Empty where there is none, or it does not say. */
export async function listEchoSources(): Promise<EchoSource[]> {
  return (await Promise.all([pulseEchoSources(), pipewireEchoSources()])).flat();
}

/** Of PulseAudio, where the module has made a source. */
async function pulseEchoSources(): Promise<EchoSource[]> {
  const pactl = findOnPath('pactl');
  if (pactl === null || findOnPath('parec') === null) return [];
  const [sources, modules, server] = await Promise.all(
    [['list', 'short', 'sources'], ['list', 'short', 'modules'], ['info']].map((args) =>
      outputOf(pactl, args),
    ),
  );
  const used = /^Default Source: (.*)$/m.exec(server ?? '')?.[1].trim();
  return linesOf(sources).flatMap(([, name, driver = '']) => {
    // 3  echo_cancelled  module-echo-cancel.c  s16le 1ch 32000Hz  IDLE
    if (!name || !driver.startsWith('module-echo-cancel')) return [];
    // 7  module-echo-cancel  source_name=echo_cancelled aec_method=speex
    const settings = linesOf(modules)
      .filter(([, module]) => module === 'module-echo-cancel')
      .map(([, , given = '']) => given);
    const own =
      settings.find((given) => argumentOf(given, 'source_name') === name) ??
      (settings.length === 1 ? settings[0] : undefined);
    const method = own === undefined ? null : (argumentOf(own, 'aec_method') ?? 'webrtc');
    return { recorder: 'parec' as const, name, method, isDefault: name === used };
  });
}

function linesOf(list: string | null | undefined): string[][] {
  return (list ?? '').split('\n').map((line) => line.split('\t'));
}

/** As in `source_name=a aec_args="agc=0 denoise=0"`. */
function argumentOf(given: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}=["']?([^\\s"']+)`).exec(given)?.[1];
}

/** Of PipeWire, where the module has made a source: its streams belong to a group of that name. */
async function pipewireEchoSources(): Promise<EchoSource[]> {
  const dump = findOnPath('pw-dump');
  if (dump === null || findOnPath('pw-record') === null) return [];
  const objects = objectsOf((await outputOf(dump, [])) ?? '');
  const used = objects.flatMap(({ metadata }) =>
    Array.isArray(metadata) ? metadata.filter((entry) => entry?.key === 'default.audio.source') : [],
  )[0]?.value?.name;
  return objects.flatMap(({ type, info }) => {
    const props = info?.props ?? {};
    const name = props['node.name'];
    const isSource = String(type).endsWith(':Node') && /^Audio\/Source/.test(String(props['media.class']));
    const groups = [props['node.group'], props['node.link-group'], name].map(String);
    if (!isSource || !name || !groups.some((group) => /echo[-_ ]?cancel/i.test(group))) return [];
    return { recorder: 'pw-record' as const, name: String(name), method: null, isDefault: name === used };
  });
}

interface PipewireObject {
  readonly type?: unknown;
  readonly info?: { readonly props?: Readonly<Record<string, unknown>> | null } | null;
  readonly metadata?: readonly ({
    readonly key?: unknown;
    readonly value?: { readonly name?: unknown } | null;
  } | null)[];
}

/** What pw-dump prints; nothing where it is not what is expected of it. */
function objectsOf(text: string): PipewireObject[] {
  try {
    const objects: unknown = JSON.parse(text);
    return Array.isArray(objects) ? objects.filter((one) => typeof one === 'object' && one !== null) : [];
  } catch {
    return [];
  }
}

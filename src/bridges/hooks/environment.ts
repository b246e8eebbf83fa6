import type { HookEvent } from './delivery.js';

/** What a command keeps of the daemon's own variables: neither its settings nor what systemd gave it. */
const KEPT = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
] as const;

/**
 * The variables of a command: `EVENT_` and each field of the event that is one value, such as EVENT_TYPE,
 * EVENT_KEYWORD and EVENT_HEARD_AT. Not `WAKEGATE_`, which would be settings to a `wakegate` that it runs.
 */
export function commandEnvironment(
  event: HookEvent,
  added: Readonly<Record<string, string>>,
  own: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const kept = KEPT.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]));
  const fields = Object.entries(event).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? [] : [[variableOf(key), textOf(value)]],
  );
  return { ...Object.fromEntries(kept), ...added, ...Object.fromEntries(fields) };
}

/** heardAt -> EVENT_HEARD_AT */
function variableOf(key: string): string {
  return `EVENT_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** A variable cannot hold NUL. */
function textOf(value: string | number | boolean | null): string {
  return value === null ? '' : String(value).replaceAll('\0', '');
}

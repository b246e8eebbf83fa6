import type { KeywordInfo } from '../client/index.js';

const LANGUAGE = 'en';
const CLOCK = new Intl.DateTimeFormat(LANGUAGE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const DAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: 'short', day: 'numeric', month: 'short' });
const RELATIVE = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' });
const NUMBER = new Intl.NumberFormat(LANGUAGE);

export function clockTime(iso: string): string {
  return CLOCK.format(new Date(iso));
}

/** Such as `Fri, Nov 27, 09:14:02`. */
export function dayAndTime(iso: string): string {
  return `${DAY.format(new Date(iso))}, ${clockTime(iso)}`;
}

const SPANS = [
  [60, 'second', 1],
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [Number.POSITIVE_INFINITY, 'day', 86_400],
] as const;

/** Such as `3 minutes ago`. */
export function ago(iso: string, nowMs = Date.now()): string {
  const seconds = Math.max(0, (nowMs - Date.parse(iso)) / 1000);
  const [, unit, size] = SPANS.find(([below]) => seconds < below)!;
  return RELATIVE.format(-Math.floor(seconds / size), unit);
}

/** Such as `2 d 4 h`, `3 h 12 min`, `46 s`. */
export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return `${minutes} min`;
}

export function count(value: number): string {
  return NUMBER.format(value);
}

/** Such as `99.2 %`; never 100 % of what is less. */
export function percent(share: number): string {
  const digits = share >= 0.995 && share < 1 ? 2 : share >= 0.1 ? 1 : 2;
  const shown = Math.min(share, 1);
  const text = (Math.floor(shown * 100 * 10 ** digits) / 10 ** digits).toFixed(digits);
  return `${shown === 1 ? '100' : text} %`;
}

/** A score between 0 and 1, with the digits that tell 0.9942 from 0.9957. */
export function score(value: number): string {
  const digits = value >= 0.9 && value < 1 ? 4 : 2;
  return Math.min(value, value < 1 ? 0.9999 : 1).toFixed(digits);
}

export function decibels(value: number | null): string {
  return value === null ? '–' : `${Math.round(value)} dB`;
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

/** @param value in ms */
export function milliseconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** @param value in mJ */
export function energy(value: number): string {
  const size = Math.abs(value);
  if (size < 1000) return `${value.toFixed(size < 10 ? 1 : 0)} mJ`;
  if (size < 1_000_000) return `${(value / 1000).toFixed(size < 10_000 ? 1 : 0)} J`;
  return `${(value / 1_000_000).toFixed(1)} kJ`;
}

/** What a keyword is called: `smart mirror` where nobody has given it a label. */
export function nameOf({ name, label }: Pick<KeywordInfo, 'name' | 'label'>): string {
  return label === name ? name.replaceAll('_', ' ') : label;
}

/** Such as `a, b and c`. */
export function listOf(items: readonly string[]): string {
  return new Intl.ListFormat(LANGUAGE).format(items);
}

/** What is listened to, shorter: of a path the end, of `microphone (parec, alsa_input.Desk_USB)` the device. */
export function inputName(name: string): string {
  const [, recorder, device] = /^microphone \(([^,]+), (.*)\)$/.exec(name) ?? [];
  if (device === undefined) return name.slice(name.lastIndexOf('/') + 1);
  return `${device.replace(/^alsa_input\./, '').replaceAll('_', ' ')} (${recorder})`;
}

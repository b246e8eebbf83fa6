/** Numbers as people read them; `--json` has the exact ones. */

/** `45 s`, `3 min 20 s`, `5 h 12 min`, `12 d 4 h`. */
export function durationText(seconds: number): string {
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return inTwo(minutes, 'min', whole % 60, 's');
  if (hours < 24) return inTwo(hours, 'h', minutes % 60, 'min');
  return inTwo(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function inTwo(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `812 B`, `1.2 kB`, `3.4 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Three significant digits below 100, whole from there on. */
export function roundedText(value: number): string {
  return Math.abs(value) >= 100 ? wholeText(value) : String(Number(value.toPrecision(3)));
}

/** `1,234,567`. */
export function wholeText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/**
 * A moment as `Date.prototype.toISOString` writes it, without what V8 loads for that: time zones, which this needs none of, and which take
 * a megabyte.
 *
 * @param ms since 1970
 * @throws RangeError for what is no time
 */
export function isoTime(ms: number): string {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) return date.toISOString();
  const day = `${padded(year, 4)}-${padded(date.getUTCMonth() + 1)}-${padded(date.getUTCDate())}`;
  const minute = `${padded(date.getUTCHours())}:${padded(date.getUTCMinutes())}`;
  return `${day}T${minute}:${padded(date.getUTCSeconds())}.${padded(date.getUTCMilliseconds(), 3)}Z`;
}

function padded(value: number, digits = 2): string {
  return String(value).padStart(digits, '0');
}

/** `15:12:01`. By hand: what knows the languages of the world would take 7 MB of memory for it. */
export function clockText(time: Date | string): string {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/**
 * Controls of terminals (C0, DEL, C1), what turns the direction of text or begins a line, and halves of characters: in a
 * label or a name of a file they could draw over what else is on the screen, or have the terminal do things.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text from elsewhere as a terminal may have it: what is unprintable is written as `\u001b`. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same of all strings in a value, names of its fields among them. */
export function printableIn<Value>(value: Value): Value {
  if (typeof value === 'string') return printable(value) as Value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(printableIn) as Value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [printable(name), printableIn(inner)]),
  ) as Value;
}

/** What style.ts and progress-bar.ts write themselves, and the ends of lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const OURS = /(^\r(?:\x1b\[K)?|\x1b\[(?:1|2|22|32|33|39)m|[\n\t])/;

/**
 * Has a terminal get nothing unprintable through a stream but colours of our own, whichever command writes it, and whatever that prints
 * of settings, other machines and files. What is not a terminal gets the bytes as they are.
 */
export function protectTerminal(stream: NodeJS.WriteStream): void {
  if (!stream.isTTY) return;
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  bare.set(stream, write);
  stream.write = ((chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === 'string' ? shown(chunk) : chunk, ...rest)) as typeof stream.write;
}

const bare = new WeakMap<NodeJS.WriteStream, (text: string) => boolean>();

/**
 * Writes to a stream whatever it is given, controls too: for a command that draws a screen, and makes all that is not its own
 * {@link printable} by itself.
 */
export function unprotected(stream: NodeJS.WriteStream): (text: string) => boolean {
  return bare.get(stream) ?? ((text) => stream.write(text));
}

function shown(text: string): string {
  return text
    .split(OURS)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join('');
}

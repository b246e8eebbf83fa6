import type { WriteStream } from 'node:tty';

/** How text is set off on a terminal. */
export interface Style {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  /** Ten characters for a share of 0 to 1. */
  bar(share: number): string;
}

const BAR_WIDTH = 10;

/** Colours where the stream is a terminal that has them; NO_COLOR turns them off. */
export function styleOf(stream: WriteStream, environment: NodeJS.ProcessEnv = process.env): Style {
  const isColoured = stream.isTTY === true && stream.hasColors(environment);
  const sgr = (on: number, off: number) => (text: string) =>
    isColoured ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  const [full, empty] = /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') ? ['█', '░'] : ['#', '.'];
  return {
    strong: sgr(1, 22),
    faint: sgr(2, 22),
    good: sgr(32, 39),
    warning: sgr(33, 39),
    bar(share) {
      const filled = Math.round(BAR_WIDTH * Math.min(1, Math.max(0, share)));
      return full.repeat(filled) + empty.repeat(BAR_WIDTH - filled);
    },
  };
}

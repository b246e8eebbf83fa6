const START = '<!-- peers:start -->';
const END = '<!-- peers:end -->';

/** The page of a folder that has none yet. */
export const EMPTY_PAGE = `# wakegate next to its peers\n\n${START}\n${END}\n`;

/** A document with what stands between its two markers replaced; as it was where it has none. */
export function withSection(document: string, markdown: string): string {
  const [start, end] = [document.indexOf(START), document.indexOf(END)];
  if (start < 0 || end < start) return document;
  return `${document.slice(0, start + START.length)}\n\n${markdown.trim()}\n\n${document.slice(end)}`;
}

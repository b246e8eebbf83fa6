/** The page of a folder that has none yet. */
export function emptyPage(names: readonly string[]): string {
  const places = names.map((name) => `<!-- ${name}:start -->\n<!-- ${name}:end -->`);
  return `# wakegate next to its peers\n\n${places.join('\n\n')}\n`;
}

/** A document with what stands between the two markers of that name replaced; as it was where it has none. */
export function withSection(document: string, name: string, markdown: string): string {
  const [before, after] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [start, end] = [document.indexOf(before), document.indexOf(after)];
  if (start < 0 || end < start) return document;
  return `${document.slice(0, start + before.length)}\n\n${markdown.trim()}\n\n${document.slice(end)}`;
}

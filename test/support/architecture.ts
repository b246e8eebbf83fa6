import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** A row of the table: files and folders, and what they may import. */
export interface Room {
  /** Relative to the table's folder: `errors.ts`, or `audio/` for all that is in it. */
  readonly places: readonly string[];
  readonly mayImport: readonly Permission[];
}

interface Permission {
  /** Index of a row. */
  readonly room: number;
  readonly typesOnly: boolean;
  /** The only file that is meant, where the table names one. */
  readonly file: string | null;
}

export interface Import {
  /** Paths relative to the sources' folder, with slashes. */
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const REFERENCE = /^([a-z][a-z.-]*)(?: \((?:(types) only|([a-z-]+\.ts) only)\))?$/;

/**
 * The rows of a Markdown table, of which each names its places in backticks in the first column. The third says what they
 * may import: rooms by name, with `(types only)` or `(file.ts only)` behind them; `nothing`; `the rooms above`. Without a
 * third column it is the rooms above.
 *
 * @param heading the first column's
 * @throws Error for a row that cannot be understood, or names a room that is not above it
 */
export function readTable(markdown: string, heading: string): Room[] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  if (start < 0) throw new Error(`there is no table whose first column is ${heading}`);
  const rooms: Room[] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    const [names, , cell = 'the rooms above'] = line
      .split('|')
      .slice(1, -1)
      .map((text) => text.trim());
    // What stands in parentheses are folders within the place.
    const places = [...names.replaceAll(/\(.*?\)/g, '').matchAll(/`([^`]+)`/g)].map(([, place]) => place);
    rooms.push({ places, mayImport: permissions(cell, rooms, names) });
  }
  return rooms;
}

function permissions(cell: string, above: readonly Room[], row: string): Permission[] {
  if (cell === 'nothing') return [];
  if (cell === 'the rooms above') return above.map((_, room) => ({ room, typesOnly: false, file: null }));
  return cell.split(/, | and /).map((text) => {
    const [, name, types, file = null] = text.match(REFERENCE) ?? [];
    const isMeant = (place: string) => place === name || place === `${name}/` || place === `${name}.ts`;
    const room = above.findIndex(({ places }) => places.some(isMeant));
    if (room < 0) throw new Error(`"${text}" in the row of ${row} is no room above it`);
    return { room, typesOnly: types !== undefined, file };
  });
}

/** All relative imports in a folder of TypeScript, whether they are static, dynamic, of types or to export again. */
export function readImports(folder: string): { readonly files: string[]; readonly imports: Import[] } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.(c?ts|tsx)$/.test(file) && !file.endsWith('.d.ts'))
    .sort();
  const imports = files.flatMap((from) =>
    specifiers(readFileSync(join(folder, from), 'utf8'))
      .filter(({ path }) => path.startsWith('.'))
      .map(({ path, isType }) => {
        const to = posix.normalize(posix.join(posix.dirname(from), path)).replace(/\.(c?)js$/, '.$1ts');
        const asMarkup = `${to}x`;
        return { from, to: files.includes(asMarkup) ? asMarkup : to, isType };
      }),
  );
  return { files, imports };
}

function specifiers(text: string): { readonly path: string; readonly isType: boolean }[] {
  const found: { path: string; isType: boolean }[] = [];
  const visit = (node: ts.Node): void => {
    const add = (at: ts.Node | undefined, isType: boolean) => {
      if (at !== undefined && ts.isStringLiteralLike(at)) found.push({ path: at.text, isType });
    };
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest));
  return found;
}

/** What is wrong by the table, a sentence for each. */
export function faultsOf(
  rooms: readonly Room[],
  files: readonly string[],
  imports: readonly Import[],
): string[] {
  const roomOf = (file: string) =>
    rooms.findIndex(({ places }) => places.some((place) => place === file || isIn(file, place)));
  const homeless = files
    .filter((file) => roomOf(file) < 0)
    .map((file) => `${file} is in no room of the table`);
  const empty = rooms
    .flatMap(({ places }) => places)
    .filter((place) => !files.some((file) => file === place || isIn(file, place)))
    .map((place) => `there is no ${place}`);
  const wrong = imports.filter(({ from, to, isType }) => {
    const [importer, imported] = [roomOf(from), roomOf(to)];
    if (importer === imported || importer < 0 || imported < 0) return false;
    return !rooms[importer].mayImport.some(
      ({ room, typesOnly, file }) =>
        room === imported && (isType || !typesOnly) && (file === null || to.endsWith(`/${file}`)),
    );
  });
  return [...homeless, ...empty, ...wrong.map(({ from, to }) => `${from} may not import ${to}`)];
}

function isIn(file: string, place: string): boolean {
  return place.endsWith('/') && file.startsWith(place);
}

/** Circles of files, each as a chain that ends where it begins. No file is in two of them. */
export function circlesOf(imports: readonly Import[]): string[] {
  const edges = new Map<string, string[]>();
  for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to]);
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const to of edges.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) walk(file, []);
  return circles;
}

/** The imports within one folder, and its files, relative to it. */
export function within(folder: string, files: readonly string[], imports: readonly Import[]) {
  const cut = (path: string) => path.slice(folder.length);
  return {
    files: files.filter((file) => file.startsWith(folder)).map(cut),
    imports: imports
      .filter(({ from, to }) => from.startsWith(folder) && to.startsWith(folder))
      .map(({ from, to, isType }) => ({ from: cut(from), to: cut(to), isType })),
  };
}

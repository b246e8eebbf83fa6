import { readFile } from 'node:fs/promises';

/** A text file as people's editors write it, see {@link decodeText}. @throws as `readFile` does */
export async function readText(path: string): Promise<string> {
  return decodeText(await readFile(path));
}

/**
 * Text in UTF-8, with or without a byte order mark, or in UTF-16 with one, as `>` of Windows PowerShell writes it. The mark is
 * left out.
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

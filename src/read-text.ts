import { constants, open, readFile } from 'node:fs/promises';

/** A text file as people's editors write it, see {@link decodeText}. @throws as `readFile` does */
export async function readText(path: string): Promise<string> {
  return decodeText(await readFile(path));
}

/**
 * A file that others may have replaced by something else: what is no file, such as a pipe or a device, would never end,
 * and is not read; nor is one that is far larger than it can be.
 *
 * @throws Error that says so; as `readFile` does
 */
export async function readRegularFile(path: string, mostBytes: number): Promise<Buffer> {
  // Opening a pipe waits for who writes into it, by default.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is not a file');
    if (stat.size > mostBytes)
      throw new Error(`it has ${stat.size} bytes, and can have ${mostBytes} at most`);
    return await file.readFile();
  } finally {
    await file.close();
  }
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

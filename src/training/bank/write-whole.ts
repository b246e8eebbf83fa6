import { rename, rm, writeFile } from 'node:fs/promises';

/** Writes a file of a pack, which is there as a whole or not at all. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(`${path}.part`, content);
    await rename(`${path}.part`, path);
  } catch (error) {
    await rm(`${path}.part`, { force: true });
    throw error;
  }
}

import { open, rename, rm } from 'node:fs/promises';

/** Writes a file so that a reader, or a power cut, meets the old one or the new one as a whole. For its owner only. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  try {
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync(); // or the name could reach the disk before the content
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw error;
  }
}

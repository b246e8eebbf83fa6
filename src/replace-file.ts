import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file so that a reader, or a power cut, meets the old one or the new one as a whole. For its owner only. A folder that has
 * got into its place is put aside.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  try {
    const file = await openNew(fresh);
    try {
      await file.writeFile(content);
      await file.sync(); // or the name could reach the disk before the content
    } finally {
      await file.close();
    }
    await moveTo(path, fresh);
  } catch (error) {
    await rm(fresh, { force: true, recursive: true }).catch(() => {});
    throw error;
  }
}

/** Renames what cannot be used, so that it is kept and in nobody's way. @returns its new path */
export async function putAside(path: string): Promise<string> {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const aside = `${path}.corrupt-${time}`;
  await rename(path, aside);
  return aside;
}

/** Never opens what is there already: a pipe would wait for its reader. */
async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await rm(path, { force: true, recursive: true }); // left behind by a process of the same number
    return open(path, 'wx', 0o600);
  }
}

async function moveTo(path: string, fresh: string): Promise<void> {
  try {
    await rename(fresh, path);
  } catch (error) {
    if (!(await isFolder(path))) throw error;
    await putAside(path);
    await rename(fresh, path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
}

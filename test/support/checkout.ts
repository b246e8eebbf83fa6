import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Why no other user can run what is built here, for tests that need one who does; false where one can. */
export const closedToOthers: string | false = firstClosed() ?? false;

/** The same of a service of the machine, which sees nothing of the machine's /tmp. */
export const closedToServices: string | false = /^(\/var)?\/tmp\//.test(ROOT)
  ? 'this checkout is in /tmp, of which a service sees nothing'
  : closedToOthers;

function firstClosed(): string | undefined {
  for (let folder = join(ROOT); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o005) !== 0o005)
      return `this checkout is in ${folder}, which is closed to others`;
    if (folder === '/') return undefined;
  }
}

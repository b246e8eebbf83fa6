import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CaptureStore } from '../../../src/captures/index.js';
import { DaemonCaptures } from '../../../src/daemon/captures.js';
import { DaemonKeywords } from '../../../src/daemon/keywords.js';
import { StateDirectory } from '../../../src/daemon/state-directory.js';
import type { ModelPack } from '../../../src/model/index.js';
import type { Capture } from '../../../src/protocol/index.js';
import { mutate } from '../mutate.js';
import { mutateJson } from '../mutate-json.js';
import type { FuzzTarget } from '../target.js';

const ID = '20261126-120000-0123abcd';
const LIMITS = { count: 10, bytes: 1e6, days: 1e5 };

const CAPTURE: Capture = {
  id: ID,
  kind: 'detection',
  model: 'tiny',
  keyword: 'one',
  score: 0.9,
  heardAt: '2026-11-26T12:00:00.000Z',
  seconds: 2,
  bytes: 64_044,
  label: null,
  word: null,
};

/** Files that the daemon reads at its start. @param folder is emptied */
export function stateFiles(pack: ModelPack, folder: string): FuzzTarget[] {
  const [{ name: keyword }] = pack.keywords;
  const settings = { [keyword]: { threshold: 0.7, enabled: false, label: 'One' } };
  return [
    stateFile(
      folder,
      'keywords.json',
      { [pack.name]: settings, other: { alexa: { patience: 2 } } },
      async () => {
        const keywords = await DaemonKeywords.open(pack, {}, new StateDirectory(folder));
        for (const { threshold, enabled, label } of keywords.list()) {
          if (
            !(threshold >= 0 && threshold <= 1) ||
            typeof enabled !== 'boolean' ||
            typeof label !== 'string'
          )
            throw new Error(`settings of a keyword that cannot be: ${threshold}, ${enabled}, ${label}`);
        }
      },
    ),
    stateFile(folder, 'captures.json', { enabled: true }, async () => {
      await DaemonCaptures.readStored(new StateDirectory(folder));
    }),
    stateFile(folder, `captures/${ID}.json`, CAPTURE, async () => {
      await new CaptureStore(join(folder, 'captures'), LIMITS).list();
    }),
    stateFile(
      folder,
      'captures/ages.json',
      { measuredMs: 1e6, wallMs: 1.8e12, keptMs: { [ID]: 5 } },
      async () => {
        writeFileSync(join(folder, `captures/${ID}.json`), JSON.stringify(CAPTURE));
        await new CaptureStore(join(folder, 'captures'), LIMITS).list();
      },
    ),
  ];
}

function stateFile(folder: string, name: string, content: unknown, open: () => Promise<void>): FuzzTarget {
  const path = join(folder, name);
  return {
    name,
    code: ['/src/daemon/', '/src/captures/', '/src/schema/', '/src/protocol/'],
    seeds: () => [Buffer.from(`${JSON.stringify(content, null, 2)}\n`)],

    mutate(corpus) {
      const text =
        Math.random() < 0.8 && mutateJson(corpus[Math.floor(Math.random() * corpus.length)].toString());
      return text ? Buffer.from(text) : mutate(corpus);
    },

    async read(input) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, input);
      await open();
      if (({} as { a?: number }).a !== undefined) throw new Error('the prototype of all objects is changed');
    },
  };
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawPeers } from './peers/pictures.js';
import { drawStudy } from './study/pictures.js';

/** `npm run pictures`: draws the pictures of docs/peers and docs/study again, from the results next to them. */

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

for (const [folder, draw] of Object.entries({ peers: drawPeers, study: drawStudy })) {
  const results = JSON.parse(await readFile(join(DOCS, folder, 'results.json'), 'utf8'));
  for (const [file, svg] of Object.entries(await draw(results))) {
    await writeFile(join(DOCS, folder, file), svg);
    console.log(`docs/${folder}/${file}`);
  }
}

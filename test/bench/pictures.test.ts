import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { drawPeers } from '../../bench/peers/pictures.js';
import { drawStudy } from '../../bench/study/pictures.js';

const docs = (path: string) => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');

for (const [folder, draw] of Object.entries({ peers: drawPeers, study: drawStudy })) {
  test(`the pictures of docs/${folder} are those of its results: npm run pictures`, async () => {
    const pictures = Object.entries(await draw(JSON.parse(docs(`${folder}/results.json`))));
    assert.ok(pictures.length > 1);
    for (const [file, svg] of pictures) assert.equal(docs(`${folder}/${file}`), svg, file);
  });
}

test('the comparison names every engine that was measured, and what it missed of how many', async () => {
  const results = JSON.parse(docs('peers/results.json'));
  const { 'peers.svg': svg } = await drawPeers(results);
  for (const name of Object.keys(results.costs)) assert.ok(svg.includes(`>${name}<`), name);
  const own = results.accuracy.find(
    ({ engine, word }: { engine: string; word: string }) => engine === 'wakegate' && word === 'alexa',
  );
  const { events, of } = own.asIs.missed['10 dB'];
  assert.ok(svg.includes(`(${events} of ${of})<`));
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultConfig } from '../../src/config/index.js';
import { checkWorkers } from '../../src/doctor/fleet.js';
import { examine } from '../../src/doctor/index.js';
import { fingerprintText } from '../../src/fleet/topics.js';
import { FLEET_TOPICS } from '../support/fleet.js';
import { freePort } from '../support/free-port.js';
import { Mosquitto, noMosquitto } from '../support/mosquitto.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const model = join(temporaryFolder(), 'tiny');

test('of a satellite the workers are looked at, and no backend that it does not have', {
  skip: noMosquitto,
}, async (t) => {
  const pack = await makeTinyPack(model);
  const broker = await Mosquitto.start(t);
  const config = { ...defaultConfig(), model, classifier: broker.url, port: await freePort() };
  const fingerprint = fingerprintText(pack.fingerprint);
  const none = await checkWorkers(config, broker.url);
  assert.equal(none.state, 'wrong');
  assert.match(none.says, new RegExp(`there is no worker with model pack tiny \\(${fingerprint}\\)$`));
  assert.equal(none.mend, `wakegate classify --broker ${broker.url}`);

  const packs = [{ name: 'tiny', fingerprint }];
  const presence = JSON.stringify({ worker: 'garage', group: 'wakegate', version: '1', packs });
  await broker.publish(FLEET_TOPICS.worker('garage'), presence, '-r');
  const found: string[] = [];
  for await (const { about, says } of examine(config)) {
    found.push(about);
    if (about === 'workers') assert.equal(says, `garage at ${broker.url} holds tiny`);
    if (about === 'port') break;
  }
  assert.ok(found.includes('workers') && !found.includes('backend'));

  const away = await checkWorkers(config, `mqtt://127.0.0.1:${await freePort()}`);
  assert.equal(away.state, 'wrong');
  assert.match(away.says, /nothing listens at that port/);
});

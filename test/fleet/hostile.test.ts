import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aclOf } from '../../src/fleet/acl.js';
import { testHostile } from '../support/fleet-hostile.js';
import { Mosquitto, noMosquitto } from '../support/mosquitto.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();

testHostile('MQTT', {
  start: (t) => Mosquitto.start(t),
  startWithRules: (t, rules) => {
    const passwords = join(folder, 'passwords');
    writeFileSync(passwords, '');
    for (const name of [...rules.satellites, ...rules.workers, ...rules.viewers])
      execFileSync('mosquitto_passwd', ['-b', passwords, name, name], { stdio: 'pipe' });
    const prefixes = {
      fleetPrefix: 'wakegate-fleet',
      mqttPrefix: 'wakegate',
      mqttDiscoveryPrefix: 'homeassistant',
    };
    writeFileSync(join(folder, 'acl'), aclOf(rules, prefixes));
    return Mosquitto.start(t, [
      'allow_anonymous false',
      `password_file ${passwords}`,
      `acl_file ${join(folder, 'acl')}`,
    ]);
  },
  skip: noMosquitto,
  skipRules: spawnSync('mosquitto_passwd', ['--help']).error ? 'there is no mosquitto_passwd here' : false,
});

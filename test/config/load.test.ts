import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { suite, test } from 'node:test';
import { type ConfigSources, defaultConfig, linkWarning, loadConfig } from '../../src/config/index.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The settings from these sources and nothing else. */
function load(sources: ConfigSources) {
  return loadConfig({ environment: {}, ...sources });
}

/** That loading fails with one sentence in which all of these occur. */
async function refuses(sources: ConfigSources, ...parts: (string | RegExp)[]): Promise<void> {
  await assert.rejects(load(sources), (error: Error & { code?: string; exitCode?: number }) => {
    assert.equal(error.code, 'WG_CONFIG_INVALID');
    assert.equal(error.exitCode, 2);
    assert.doesNotMatch(error.message, /\n/);
    for (const part of parts) {
      if (typeof part === 'string') assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
      else assert.match(error.message, part);
    }
    return true;
  });
}

suite('sources', () => {
  test('without any, the defaults hold', async () => {
    const config = await load({});
    assert.deepEqual(config, defaultConfig());
    assert.equal(config.input, 'auto');
    assert.equal(config.model, 'wake-words-en');
    assert.equal(config.host, '127.0.0.1');
    assert.equal(config.port, 8765);
    assert.ok(!('device' in config));
  });

  test('each overrides the one before: file, environment, flags', async () => {
    const path = file('layers.yaml', 'port: 1001\nhost: "::1"\nidleSeconds: 2.5\ngate: off\n');
    const config = await load({
      file: path,
      environment: { WAKEGATE_PORT: '1002', WAKEGATE_HOST: '0.0.0.0' },
      flags: { port: '1003' },
    });
    assert.equal(config.port, 1003);
    assert.equal(config.host, '0.0.0.0');
    assert.equal(config.idleSeconds, 2.5);
    assert.equal(config.gate, 'off');
    assert.equal(config.model, defaultConfig().model);
  });

  test('JSON and YAML say the same', async () => {
    const yaml = file('same.yml', 'logLevel: warn\nkeywords:\n  alexa: { threshold: 0.7, patience: 2 }\n');
    const json = file('same.json', '{"logLevel":"warn","keywords":{"alexa":{"threshold":0.7,"patience":2}}}');
    assert.deepEqual(await load({ file: yaml }), await load({ file: json }));
    assert.deepEqual((await load({ file: json })).keywords, { alexa: { threshold: 0.7, patience: 2 } });
  });

  test("a keyword's settings are overridden one by one", async () => {
    const path = file(
      'keywords.yaml',
      'keywords:\n  a: { threshold: 0.7, patience: 2 }\n  b: { threshold: 0.4 }\n',
    );
    const environment = { WAKEGATE_KEYWORDS: '{"a":{"threshold":0.9},"c":{"patience":3}}' };
    assert.deepEqual((await load({ file: path, environment })).keywords, {
      a: { threshold: 0.9, patience: 2 },
      b: { threshold: 0.4 },
      c: { patience: 3 },
    });
  });

  test('a list is one in a file, and text with commas elsewhere', async () => {
    const origins = ['https://home.example', 'http://10.0.0.2:8123'];
    const path = file('origins.yaml', `allowedOrigins: ${JSON.stringify(origins)}\n`);
    assert.deepEqual((await load({ file: path })).allowedOrigins, origins);
    const flags = { allowedOrigins: origins.join(', ') };
    assert.deepEqual((await load({ flags })).allowedOrigins, origins);
    await refuses(
      { flags: { allowedOrigins: 'home.example' } },
      'https://home.example',
      'but is "home.example"',
    );
    const others = ['null', 'app://.', 'chrome-extension://abc', 'file://'];
    assert.deepEqual((await load({ flags: { allowedOrigins: others.join() } })).allowedOrigins, others);
    const hosts = ['raspberrypi.fritz.box', '*.home.example', 'wake_gate'];
    assert.deepEqual((await load({ flags: { allowedHosts: hosts.join() } })).allowedHosts, hosts);
    for (const host of ['home.example:80', 'http://home.example', '*', '*.', 'a*.example', '']) {
      await refuses({ flags: { allowedHosts: host } }, 'allowed-hosts.0', JSON.stringify(host));
    }
    await refuses({ flags: { allowedOrigins: 'http://' } }, 'https://home.example', 'but is "http://"');
  });

  test('an empty file and an empty variable say nothing', async () => {
    const path = file('empty.yaml', '# nothing yet\n');
    assert.deepEqual(await load({ file: path, environment: { WAKEGATE_PORT: '' } }), defaultConfig());
  });

  test('where training has its recordings and voices is no setting', async () => {
    const environment = { WAKEGATE_DATA: '/data', WAKEGATE_VOICES: '/voices' };
    assert.deepEqual(await load({ environment }), defaultConfig());
  });

  test('WAKEGATE_CONFIG names the file, unless a flag names another', async () => {
    const environment = { WAKEGATE_CONFIG: file('named.yaml', 'port: 2001\n') };
    assert.equal((await load({ environment })).port, 2001);
    assert.equal((await load({ environment, file: file('other.yaml', 'port: 2002\n') })).port, 2002);
  });

  test('a byte order mark, CRLF and umlauts are nothing to stumble over', async () => {
    for (const name of ['bom.json', 'bom.yaml']) {
      const text = name.endsWith('json')
        ? '{"port": 2001,\r\n"device": "Küche"}'
        : 'port: 2001\r\ndevice: Küche\r\n';
      const path = join(folder, name);
      for (const bytes of [Buffer.from(`\uFEFF${text}`), Buffer.from(`\uFEFF${text}`, 'utf16le')]) {
        writeFileSync(path, bytes);
        const { port, device } = await load({ file: path });
        assert.deepEqual([port, device], [2001, 'Küche']);
      }
    }
  });

  test("relative paths in a file start at the file's folder, names of packs and inputs stay", async () => {
    const nested = join(folder, 'Wohn zimmer, hübsch');
    mkdirSync(nested);
    const path = join(nested, 'wakegate.yaml');
    writeFileSync(path, 'tokenFile: token\nstateDirectory: ../state\nmodel: ./pack\ninput: room.wav\n');
    const { tokenFile, stateDirectory, model, input } = await load({ file: relative(process.cwd(), path) });
    assert.deepEqual(
      [tokenFile, stateDirectory, model, input],
      [join(nested, 'token'), join(folder, 'state'), join(nested, 'pack'), join(nested, 'room.wav')],
    );
    writeFileSync(path, 'tokenFile: /etc/token\nmodel: speech-commands\ninput: mic\n');
    const config = await load({ file: path, flags: { stateDirectory: 'here' } });
    assert.deepEqual(
      [config.tokenFile, config.stateDirectory, config.model, config.input],
      ['/etc/token', 'here', 'speech-commands', 'mic'],
    );
  });

  test("the token that systemd hands over wins over the file's, and a variable over both", async () => {
    writeFileSync(join(folder, 'wakegate.token'), 'secret');
    const path = file('credentials.yaml', 'tokenFile: /root/only.token\n');
    const environment = { CREDENTIALS_DIRECTORY: folder };
    assert.equal((await load({ file: path, environment })).tokenFile, join(folder, 'wakegate.token'));
    const named = { ...environment, WAKEGATE_TOKEN_FILE: '/run/token' };
    assert.equal((await load({ file: path, environment: named })).tokenFile, '/run/token');
    const others = { CREDENTIALS_DIRECTORY: join(folder, 'none') };
    assert.equal((await load({ file: path, environment: others })).tokenFile, '/root/only.token');
  });

  test('what Kubernetes and docker set for services called wakegate is no setting', async () => {
    const kubernetes = {
      WAKEGATE_SERVICE_HOST: '10.0.0.11',
      WAKEGATE_SERVICE_PORT: '8765',
      WAKEGATE_SERVICE_PORT_HTTP_API: '8765',
      WAKEGATE_PORT: 'tcp://10.0.0.11:8765',
      WAKEGATE_PORT_8765_TCP: 'tcp://10.0.0.11:8765',
      WAKEGATE_PORT_8765_TCP_PROTO: 'tcp',
      WAKEGATE_PORT_8765_TCP_PORT: '8765',
      WAKEGATE_PORT_8765_TCP_ADDR: '10.0.0.11',
      WAKEGATE_PORT_53_UDP: 'udp://10.0.0.11:53',
      WAKEGATE_KITCHEN_SERVICE_HOST: '10.0.0.12',
      WAKEGATE_KITCHEN_PORT: 'tcp://10.0.0.12:80',
      WAKEGATE_KITCHEN_PORT_80_TCP_ADDR: '10.0.0.12',
    };
    const docker = {
      WAKEGATE_NAME: '/proxy/wakegate',
      WAKEGATE_PORT: 'tcp://172.17.0.2:8765',
      WAKEGATE_PORT_8765_TCP: 'tcp://172.17.0.2:8765',
      WAKEGATE_PORT_8765_TCP_PORT_START: '8765',
      WAKEGATE_PORT_8765_TCP_PORT_END: '8770',
      WAKEGATE_ENV_NODE_ENV: 'production',
      WAKEGATE_ENV_WAKEGATE_HOST: '0.0.0.0',
    };
    for (const links of [kubernetes, docker]) {
      const environment = { ...links, WAKEGATE_LOG_LEVEL: 'warn' };
      assert.deepEqual(await load({ environment }), { ...defaultConfig(), logLevel: 'warn' });
      const warning = linkWarning(environment)!;
      for (const name of Object.keys(links)) assert.ok(warning.includes(name), name);
      assert.doesNotMatch(warning, /LOG_LEVEL/);
    }
    assert.equal(linkWarning({ WAKEGATE_PORT: '8765', WAKEGATE_LOG_LEVEL: 'warn', PORT: 'tcp://a:1' }), null);
    // Mistakes stay mistakes.
    await refuses(
      { environment: { WAKEGATE_PORT: '10.0.0.11:8765' } },
      'WAKEGATE_PORT must be a whole number',
    );
    await refuses({ environment: { WAKEGATE_ENV_NAME: 'x' } }, 'WAKEGATE_ENV_NAME');
    await refuses({ environment: { WAKEGATE_NAME: 'kitchen' } }, 'WAKEGATE_NAME');
  });

  test('text stays text where the setting is text', async () => {
    assert.equal((await load({ flags: { device: '1' } })).device, '1');
    assert.equal((await load({ environment: { WAKEGATE_MODEL: 'true' } })).model, 'true');
  });
});

suite('what is wrong is reported with its place', () => {
  test('an unknown key, with the one that was meant', async () => {
    const path = file('typo.yaml', 'port: 1\nlogLevl: debug\n');
    await refuses({ file: path }, path, 'logLevl', 'did you mean logLevel?');
  });

  test('an unknown key that resembles none, with all there are', async () => {
    await refuses({ file: file('odd.json', '{"zzzzzzzz": 1}') }, 'zzzzzzzz', 'input', 'keywords');
  });

  test('an unknown key of a keyword', async () => {
    const path = file('nested.yaml', 'keywords:\n  alexa:\n    treshold: 0.5\n');
    await refuses({ file: path }, path, 'keywords.alexa', 'treshold', 'did you mean threshold?');
  });

  test('an unknown variable', async () => {
    await refuses({ environment: { WAKEGATE_LOGLEVEL: 'debug' } }, 'did you mean WAKEGATE_LOG_LEVEL?');
  });

  test('a wrong type: what was expected and what was found', async () => {
    await refuses({ file: file('type.yaml', 'port: lots\n') }, 'port must be a whole number', '"lots"');
    await refuses({ flags: { port: '80.5' } }, '--port must be a whole number', '80.5');
    await refuses(
      { environment: { WAKEGATE_IDLE_SECONDS: 'ten' } },
      'WAKEGATE_IDLE_SECONDS must be a number',
    );
    await refuses({ file: file('list.yaml', '- port\n') }, 'the configuration must be a group of settings');
    await refuses(
      { environment: { WAKEGATE_KEYWORDS: 'alexa' } },
      'WAKEGATE_KEYWORDS must be a group of settings',
    );
  });

  test('a number out of range', async () => {
    await refuses({ flags: { port: '70000' } }, '--port must be at most 65535', '70000');
    const path = file('range.yaml', 'keywords: { alexa: { threshold: 0 } }\n');
    await refuses({ file: path }, 'keywords.alexa.threshold must be over 0');
  });

  test('a word that is none of those allowed', async () => {
    await refuses({ flags: { logLevel: 'inof' } }, '--log-level must be one of', 'did you mean info?');
  });

  test('a file that is not there, or is not valid JSON or YAML', async () => {
    const missing = join(folder, 'missing.yaml');
    await refuses({ file: missing }, missing, 'there is no such file');
    // Docker makes one where the file that is to be mounted is not there.
    await refuses({ file: folder }, folder, 'it is a folder: name a file');
    const json = file('broken.json', '{"port": 1');
    await refuses({ file: json }, json, 'is not valid JSON');
    const yaml = file('broken.yaml', 'port: [1\nhost: x\n');
    await refuses({ file: yaml }, yaml, 'is not valid YAML', /line \d/);
  });
});

suite('hooks', () => {
  const hooks = (text: string) => ({ file: file('hooks.yaml', `hooks:\n  ${text}\n`) });

  test('paths in them start at the folder of the file, programs on the PATH stay', async () => {
    const { hooks: read } = await load(
      hooks(
        'a: { command: [./chime.sh, ./x] }\n  b: { command: [aplay, x] }\n  c: { url: "http://h/x", secretFile: s, caFile: /c }',
      ),
    );
    assert.deepEqual(read, {
      a: { command: [join(folder, 'chime.sh'), './x'] },
      b: { command: ['aplay', 'x'] },
      c: { url: 'http://h/x', secretFile: join(folder, 's'), caFile: '/c' },
    });
    const environment = { WAKEGATE_HOOKS: '{"x":{"command":["true"]}}' };
    assert.deepEqual((await load({ environment })).hooks, { x: { command: ['true'] } });
  });

  test('what cannot work is refused', async () => {
    await refuses(hooks('a: {}'), 'hooks.a must have either url or command');
    await refuses(hooks('a: { url: "http://h", command: [x] }'), 'hooks.a must have either url or command');
    await refuses(hooks('a: { url: ftp://h }'), 'hooks.a.url must be like https://home.example/webhook');
    await refuses(hooks('a: { url: "http://[" }'), 'hooks.a.url');
    await refuses(hooks('a: { command: x }'), 'hooks.a.command must be a list');
    await refuses(hooks('a: { command: [" "] }'), 'hooks.a.command must start with a program');
    await refuses(hooks('a: { command: [x], secretFile: y }'), 'hooks.a.secretFile is not for a command');
    await refuses(hooks('a: { url: "http://h", atOnce: 2 }'), 'hooks.a.atOnce is not for a webhook');
    await refuses(hooks('a: { command: [x], on: [level] }'), 'hooks.a.on.0', 'one of detection, gate');
    await refuses(hooks('a: { command: [x], comand: 1 }'), 'hooks.a', 'did you mean command?');
    await refuses(hooks('"a b": { command: [x] }'), '"a b" must be 1 to 64 letters');
    await refuses(hooks('a: { command: [x], environment: { "A B": c } }'), '"A B" cannot be a variable');
    const many = Array.from({ length: 33 }, (_, i) => `h${i}: { command: [x] }`).join('\n  ');
    await refuses(hooks(many), 'hooks may be at most 32, and are 33');
  });
});

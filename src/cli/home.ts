import { type Command, InvalidArgumentError } from 'commander';
import { type Config, loadConfig } from '../config/index.js';
import { WakegateError } from '../errors.js';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { addExamples } from './examples.js';
import { printable } from './printable.js';
import { styleOf } from './style.js';

interface HomeOptions extends DaemonOptions {
  readonly seconds: number;
  readonly fire?: boolean;
}

export function homeCommand(command: Command): void {
  addDaemonFlags(
    command.description(
      'Find MQTT brokers and Home Assistant, say how wakegate gets there, and try the whole way where it is set up',
    ),
  )
    .option('--seconds <number>', 'How long to look around in the network', parseSeconds, 3)
    .option('--fire', 'Test with what Home Assistant takes for a word: your automations will run')
    .action(home);
  command
    .command('forget')
    .argument('<name>', 'the mqttName that it had')
    .description('Remove what the broker keeps of a wakegate, and its device in Home Assistant')
    // Of its options, `home` takes those that it has too: --config.
    .action((name: string, _options, forgetting: Command) => forget(name, forgetting.optsWithGlobals()));
  addExamples(command, {
    'wakegate home': 'What is there, and what to do',
    'wakegate home --config wakegate.yaml': 'Does a detection arrive?',
    'wakegate home forget kitchen': 'It is called otherwise now, or is no more',
  });
}

async function home({ seconds, fire = false, ...options }: HomeOptions): Promise<void> {
  const config = await loadConfig({ file: options.config });
  const { mqttNameOf } = await import('../bridges/mqtt/index.js');
  if (config.mqttUrl === undefined) {
    const { adviceOf, findHome } = await import('../home/index.js');
    console.log(`Looking around for ${seconds} s ...\n`);
    const lines = adviceOf(await findHome(seconds), mqttNameOf(config));
    console.log(lines.map((line) => line.split('\n').map(printable).join('\n')).join('\n'));
    return;
  }
  await check(config, fire, options);
}

async function check(config: Config, fire: boolean, options: DaemonOptions): Promise<void> {
  const [{ readMqttSettings }, { tryWay }] = await Promise.all([
    import('../bridges/mqtt/index.js'),
    import('../home/index.js'),
  ]);
  const style = styleOf(process.stdout);
  await tryWay({
    settings: await readMqttSettings(config),
    fire,
    ask: () => withDaemon(options, (daemon) => daemon.testDetection({ fire })),
    onStep: (sentence) => console.log(`${style.good('ok')}  ${sentence}`),
  });
  console.log(
    fire
      ? 'In Home Assistant, "Heard" of this device has changed just now.'
      : 'The way works. With --fire, Home Assistant takes the test for a word.',
  );
}

async function forget(name: string, { config: file }: { readonly config?: string }): Promise<void> {
  const config = await loadConfig({ file });
  const [{ readMqttSettings }, { forgetOnBroker }] = await Promise.all([
    import('../bridges/mqtt/index.js'),
    import('../home/index.js'),
  ]);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw new WakegateError(
      'WG_USAGE',
      `${JSON.stringify(name)} is no mqttName: it has letters, digits, - and _ only`,
    );
  }
  const topics = await forgetOnBroker(await readMqttSettings({ ...config, mqttName: name }));
  if (topics.length === 0) console.log(`The broker keeps nothing of a wakegate called ${name}.`);
  else console.log(`Removed ${topics.length} topics of ${name} from the broker.`);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 60) return seconds;
  throw new InvalidArgumentError('Give a number of seconds, up to 60.');
}

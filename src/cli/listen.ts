import type { Command } from 'commander';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { addExamples } from './examples.js';

export function listenCommand(command: Command): void {
  addDaemonFlags(
    command
      .description('Send audio to a running daemon, and print what it hears: one line of JSON for each event')
      .argument('<input>', 'An audio file, mic, or - for raw audio on stdin (16 kHz, mono, s16le)'),
  ).action(listen);
  addExamples(command, {
    'wakegate listen kitchen.wav': 'Let the daemon listen to a file',
    'arecord -t raw -r 16000 -f S16_LE | wakegate listen - --url http://kitchen.local:8765':
      'Let a daemon on another machine listen to this microphone',
  });
}

async function listen(input: string, options: DaemonOptions): Promise<void> {
  const [{ openInput }, { WebSocket }] = await Promise.all([import('../audio/index.js'), import('ws')]);
  const source = openInput(input);
  async function* samples() {
    for await (const chunk of source) yield chunk.samples;
  }
  await withDaemon({ ...options, WebSocket }, async (daemon) => {
    for await (const event of daemon.listen(samples())) process.stdout.write(`${JSON.stringify(event)}\n`);
  });
}

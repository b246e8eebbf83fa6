import type { Command } from 'commander';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';

export function listenCommand(command: Command): void {
  addDaemonFlags(
    command
      .description(
        'have a running daemon hear a stream, and print what it hears, one line of JSON for each event',
      )
      .argument('<input>', 'an audio file, mic, or - for raw 16 kHz s16le audio on stdin'),
  ).action(listen);
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

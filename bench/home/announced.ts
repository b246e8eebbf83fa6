import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../test/support/free-port.js';
import type { Line } from '../measure.js';
import { CLI } from '../paths.js';
import { HomeAssistant } from './home-assistant.js';
import { HomeDaemon } from './home-daemon.js';
import { comesAbout } from './until.js';

interface Flow {
  readonly flow_id: string;
  readonly handler: string;
  readonly context: { readonly source: string };
}

/** A Home Assistant that looks around in the network finds the Wyoming server, and `wakegate home` finds that Home Assistant. */
export async function benchAnnounced(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-announced-'));
  const [http, api, wyoming] = await freePorts(3);
  for (const name of ['daemon', 'assistant']) mkdirSync(join(folder, name));
  const daemon = new HomeDaemon(join(folder, 'daemon'), api);
  const assistant = new HomeAssistant(join(folder, 'assistant'), http, { looksAround: true });
  try {
    await daemon.start(['--wyoming', 'on', '--wyoming-host', '0.0.0.0', '--wyoming-port', String(wyoming)]);
    await assistant.start();
    let flow: Flow | undefined;
    const isFound = await comesAbout(30, async () => {
      const flows = await assistant.ask<Flow[]>('config_entries/flow/progress');
      flow = flows.find(({ handler, context }) => handler === 'wyoming' && context.source === 'zeroconf');
      return flow !== undefined;
    });
    if (flow !== undefined) await assistant.confirm(flow.flow_id);
    const isThere = await comesAbout(
      10,
      async () => (await assistant.state('wake_word.wakegate')) !== undefined,
    );
    const { stdout } = spawnSync(process.execPath, [CLI, 'home', '--seconds', '5'], { encoding: 'utf8' });
    const found = stdout.split('\n').filter((line) => line.startsWith('Home Assistant '));
    return [
      {
        name: 'found by Home Assistant in the network, and added',
        value: Number(isFound) + Number(isThere),
        unit: '',
        bar: { atLeast: 2 },
        detail: `${isFound ? 'found' : 'not found'} by zeroconf, wake_word.wakegate is ${isThere ? 'there' : 'not there'}`,
      },
      {
        name: 'Home Assistants that wakegate home finds',
        value: found.length,
        unit: '',
        bar: { atLeast: 1 },
        detail: found.join('; '),
      },
    ];
  } finally {
    await assistant.stop();
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

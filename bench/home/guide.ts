import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';

/** From dist/bench/home/. */
const GUIDE = fileURLToPath(new URL('../../../docs/guides/home-assistant.md', import.meta.url));

type Fields = Readonly<Record<string, unknown>>;

/** The blocks of YAML in it, as they stand there. */
function blocks(): string[] {
  return [...readFileSync(GUIDE, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text]) => text);
}

/**
 * Writes the settings for a broker that the guide shows, and the password next to them.
 *
 * @returns the path of the settings
 */
export function writeGuideSettings(folder: string, password: string): string {
  const settings = blocks().find((text) => /^mqttUrl:/m.test(text));
  if (settings === undefined) throw new Error(`${GUIDE}: it has no settings with mqttUrl`);
  writeFileSync(join(folder, 'mqtt-password'), `${password}\n`, { mode: 0o600 });
  const path = join(folder, 'wakegate.yaml');
  writeFileSync(path, settings);
  return path;
}

/**
 * The automation by MQTT of the guide, as a Home Assistant from before 2024.10 reads it: the bench runs what the guide
 * says.
 */
export function guideAutomation(): Fields {
  const automations = blocks().flatMap((text) => {
    const block = parseDocument(text, { logLevel: 'silent' }).toJS();
    return (block.automation ?? []) as Fields[];
  });
  const [found] = automations.filter(({ triggers }) =>
    JSON.stringify(triggers).includes('event.wakegate_kitchen_heard'),
  );
  if (found === undefined) throw new Error(`${GUIDE}: it has no automation for event.wakegate_kitchen_heard`);
  const { triggers, conditions, actions, ...rest } = found;
  const renamed = (list: unknown, from: string, to: string) =>
    (list as Fields[]).map(({ [from]: kind, ...others }) => ({ [to]: kind, ...others }));
  return {
    id: 'guide',
    ...rest,
    trigger: renamed(triggers, 'trigger', 'platform'),
    condition: conditions,
    action: renamed(actions, 'action', 'service'),
  };
}

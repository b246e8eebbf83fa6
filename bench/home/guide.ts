import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';

/** From dist/bench/home/. */
const GUIDES = ['home-assistant.md', 'speaker-in-the-room.md'].map((name) =>
  fileURLToPath(new URL(`../../../docs/guides/${name}`, import.meta.url)),
);

type Fields = Readonly<Record<string, unknown>>;

/** The blocks of YAML in them, as they stand there. */
function blocks(): string[] {
  const texts = GUIDES.filter(existsSync).map((guide) => readFileSync(guide, 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block]) => block));
}

/**
 * Writes the settings for a broker and for a webhook that the guide shows, and the password next to them.
 *
 * @param assistant where Home Assistant is, in place of where the guide has it
 * @returns the path of the settings
 */
export function writeGuideSettings(folder: string, password: string, assistant: string): string {
  const settings = [/^mqttUrl:/m, /^hooks:/m].map((has) => {
    const found = blocks().find((text) => has.test(text));
    if (found === undefined) throw new Error(`${GUIDES[0]}: it has no settings with ${has.source}`);
    return found.replace('http://homeassistant.local:8123', assistant);
  });
  writeFileSync(join(folder, 'mqtt-password'), `${password}\n`, { mode: 0o600 });
  const path = join(folder, 'wakegate.yaml');
  writeFileSync(path, settings.join('\n'));
  return path;
}

/**
 * The automations of the guides, as a Home Assistant from before 2024.10 reads them, by what they are called there. Of
 * those that are called the same, the first.
 */
export function guideAutomations(): Fields[] {
  const automations = blocks().flatMap((text) => {
    const block = parseDocument(text, { logLevel: 'silent' }).toJS();
    return (block.automation ?? []) as Fields[];
  });
  const byAlias = new Map(automations.toReversed().map((automation) => [automation.alias, automation]));
  return [...byAlias.values()].map(({ alias, triggers, conditions = [], actions }) => ({
    id: alias,
    alias,
    trigger: renamed(triggers, 'trigger', 'platform'),
    condition: conditions,
    action: renamed(actions, 'action', 'service'),
  }));
}

function renamed(list: unknown, from: string, to: string): Fields[] {
  return (list as Fields[]).map(({ [from]: kind, ...others }) => ({ [to]: kind, ...others }));
}

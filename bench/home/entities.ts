import { spawnSync } from 'node:child_process';
import { bundledWords, inQuiet, type Word } from '../daemon/words.js';
import type { Line } from '../measure.js';
import { CLI } from '../paths.js';
import type { State } from './home-assistant.js';
import type { House } from './house.js';
import { comesAbout, until } from './until.js';

const OF = 'wakegate_kitchen';
const WANTED = [
  `event.${OF}_heard`,
  `switch.${OF}_mute`,
  `sensor.${OF}_last_keyword`,
  `sensor.${OF}_state`,
  `sensor.${OF}_stopped_by_the_gate`,
  `sensor.${OF}_energy`,
  `binary_sensor.${OF}_problem`,
];

interface Keywords {
  readonly keywords: readonly { readonly name: string; readonly label: string; readonly threshold: number }[];
}

/** Home Assistant's MQTT integration, with what the daemon tells it over the broker, both ways. */
export async function benchEntities(house: House): Promise<Line[]> {
  const words = await bundledWords();
  return [
    await entitiesAreThere(house),
    await eventShows(house, words),
    await automationFires(house, words),
    await homeArrives(house),
    await switchMutes(house, words[0]),
    await playingMutes(house),
    await numberChanges(house),
    await stopShows(house, words),
    await forgetRemoves(house),
  ];
}

async function entitiesAreThere({ assistant, daemon }: House): Promise<Line> {
  const { keywords } = await daemon.get<Keywords>('/v1/keywords');
  const numbers = keywords.map(thresholdEntity);
  const wanted = [...WANTED, ...numbers];
  const missing = async () => {
    const states = await assistant.states();
    return wanted.filter((entity) => {
      const state = states.find(({ entity_id }) => entity_id === entity);
      return state === undefined || state.state === 'unavailable';
    });
  };
  await comesAbout(20, async () => (await missing()).length === 0);
  const left = await missing();
  return {
    name: 'MQTT entities that are there and available',
    value: wanted.length - left.length,
    unit: '',
    bar: { atLeast: wanted.length },
    detail:
      left.length === 0
        ? `${WANTED.length} of the daemon, a threshold for each keyword`
        : `not ${left.join(', ')}`,
  };
}

async function eventShows(house: House, words: readonly Word[]): Promise<Line> {
  const seen: string[] = [];
  let right = 0;
  for (const word of words) {
    const state = await hearsEvent(house, word);
    const last = await house.assistant.state(`sensor.${OF}_last_keyword`);
    const { event_type, score } = state?.attributes ?? {};
    if (event_type === word.keyword && typeof score === 'number' && last?.state === word.keyword) right += 1;
    seen.push(state ? `${event_type} (${score})` : `${word.keyword}: nothing`);
  }
  return {
    name: 'words that the event entity shows',
    value: right,
    unit: '',
    bar: { atLeast: words.length },
    detail: `spoken into the microphone, with score and the last keyword: ${seen.join(', ')}`,
  };
}

interface Trace {
  readonly run_id: string;
  readonly script_execution: string;
}

async function automationFires(house: House, words: readonly Word[]): Promise<Line> {
  const { assistant } = house;
  const other = words.find(({ keyword }) => keyword !== 'computer')!;
  await lightsOff(house);
  const before = new Set((await traces(house)).map(({ run_id }) => run_id));
  await hearsEvent(house, other);
  const staysOff = await isOff(house);
  await hearsEvent(house, words.find(({ keyword }) => keyword === 'computer')!);
  const turnsOn = await comesAbout(5, async () => (await assistant.state('light.kitchen'))?.state === 'on');
  const byWebhook = await comesAbout(5, async () => (await assistant.state('light.hall'))?.state === 'on');
  const runs = (await traces(house)).filter(({ run_id }) => !before.has(run_id));
  const how = runs.map(({ script_execution }) => script_execution);
  const asTraced = how.join() === 'failed_conditions,finished';
  const line = allOf("the guide's automations turn lights on", { staysOff, turnsOn, byWebhook, asTraced });
  return {
    ...line,
    detail: `${line.detail}; its traces, at ${other.keyword} and at computer: ${how.join(', ')}`,
  };
}

/** The command that tries the whole way, as the guide has it. */
async function homeArrives(house: House): Promise<Line> {
  const { assistant, daemon } = house;
  const heard = () => assistant.state(`event.${OF}_heard`);
  const before = (await heard())?.state;
  const { succeeds, said } = wakegate(house, ['home', '--fire', '--url', daemon.url]);
  const arrives = await comesAbout(5, async () => (await heard())?.state !== before);
  const line = allOf('wakegate home --fire arrives in Home Assistant', { succeeds, arrives });
  return { ...line, detail: `${line.detail}: ${said}` };
}

/** What is removed goes from Home Assistant too, and all is as before if the daemon starts again. */
async function forgetRemoves(house: House): Promise<Line> {
  const { assistant, daemon } = house;
  const ours = async () =>
    (await assistant.states()).map(({ entity_id }) => entity_id).filter((id) => id.includes(OF));
  const all = await ours();
  await daemon.stop();
  const { succeeds, said } = wakegate(house, ['home', 'forget', 'kitchen']);
  const goes = await comesAbout(10, async () => (await ours()).length === 0);
  await daemon.start(house.daemonFlags);
  const returns = await comesAbout(10, async () => all.join() === (await ours()).join());
  const line = allOf('wakegate home forget removes the device', { succeeds, goes, returns });
  return { ...line, detail: `${line.detail}: ${said}` };
}

function wakegate(
  house: House,
  args: readonly string[],
): { readonly succeeds: boolean; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args, '--config', house.settings], {
    encoding: 'utf8',
    env: { ...process.env, WAKEGATE_MQTT_URL: house.brokerUrl },
  });
  const [said] = `${stdout.trim()}\n${stderr.trim()}`.trim().split('\n').slice(-1);
  return { succeeds: status === 0, said };
}

async function traces({ assistant }: House): Promise<Trace[]> {
  return await assistant.ask<Trace[]>('trace/list', {
    domain: 'automation',
    item_id: 'Light on at "computer"',
  });
}

async function lightsOff({ assistant }: House): Promise<void> {
  await assistant.call('input_boolean.turn_off', {
    entity_id: ['input_boolean.kitchen', 'input_boolean.hall'],
  });
}

async function isOff({ assistant }: House): Promise<boolean> {
  return (await assistant.state('light.kitchen'))?.state === 'off';
}

/** By the automation of the guide: what the television says is no word. */
async function playingMutes({ assistant, daemon }: House): Promise<Line> {
  const mutedIs = (wanted: boolean) =>
    comesAbout(10, async () => {
      const { input } = await daemon.get<{ input: { state: string } }>('/v1/status');
      return (input.state === 'muted') === wanted;
    });
  await assistant.call('input_boolean.turn_on', { entity_id: 'input_boolean.television' });
  const mutes = await mutedIs(true);
  await assistant.call('input_boolean.turn_off', { entity_id: 'input_boolean.television' });
  const unmutes = await mutedIs(false);
  return allOf('the guide mutes while a television plays', { mutes, unmutes });
}

async function switchMutes(house: House, word: Word): Promise<Line> {
  const { assistant, daemon } = house;
  const isMuted = async () =>
    (await daemon.get<{ input: { state: string } }>('/v1/status')).input.state === 'muted';
  const entity = `switch.${OF}_mute`;
  await assistant.call('switch.turn_on', { entity_id: entity });
  const mutes = await comesAbout(5, isMuted);
  const shows = await comesAbout(5, async () => (await assistant.state(entity))?.state === 'on');
  const tells = await comesAbout(
    5,
    async () => (await assistant.state(`sensor.${OF}_state`))?.state === 'muted',
  );
  await assistant.call('switch.turn_off', { entity_id: entity });
  const unmutes = await comesAbout(
    10,
    async () => (await assistant.state(`sensor.${OF}_state`))?.state === 'listening',
  );
  const hearsAgain = (await hearsEvent(house, word)) !== undefined;
  const all = { mutes, shows, tells, unmutes, hearsAgain };
  return allOf('the switch mutes and unmutes the daemon', all);
}

async function numberChanges({ assistant, daemon }: House): Promise<Line> {
  const { keywords } = await daemon.get<Keywords>('/v1/keywords');
  const [keyword] = keywords;
  const { name, threshold } = keyword;
  const entity = thresholdEntity(keyword);
  const value = threshold > 0.5 ? 0.25 : 0.75;
  const thresholdIs = async (wanted: number) => {
    const now = (await daemon.get<Keywords>('/v1/keywords')).keywords.find((one) => one.name === name);
    return now?.threshold === wanted;
  };
  await assistant.call('number.set_value', { entity_id: entity, value });
  const sets = await comesAbout(5, () => thresholdIs(value));
  const shows = await comesAbout(5, async () => Number((await assistant.state(entity))?.state) === value);
  await fetch(`${daemon.url}/v1/keywords/${name}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ threshold }),
  });
  const follows = await comesAbout(
    5,
    async () => Math.abs(Number((await assistant.state(entity))?.state) - threshold) < 0.001,
  );
  return allOf('a number changes a threshold, and follows it', { sets, shows, follows });
}

/** The last will: whoever looks sees that nobody listens. What was heard before is not heard again. */
async function stopShows(house: House, words: readonly Word[]): Promise<Line> {
  const { assistant, daemon } = house;
  const stateIs = async (matches: (state: State | undefined) => boolean) =>
    matches(await assistant.state(`event.${OF}_heard`));
  await hearsEvent(house, words.find(({ keyword }) => keyword === 'computer')!);
  await lightsOff(house);
  await daemon.kill();
  const goes = await comesAbout(20, () => stateIs((state) => state?.state === 'unavailable'));
  await daemon.start(house.daemonFlags);
  const returns = await comesAbout(20, () => stateIs((state) => state?.state !== 'unavailable'));
  const firesNothing = await isOff(house);
  return allOf('a killed daemon shows as unavailable, and returns', { goes, returns, firesNothing });
}

/** The event entity after a word was spoken; undefined where it has not changed. */
async function hearsEvent({ assistant, daemon }: House, word: Word): Promise<State | undefined> {
  const entity = `event.${OF}_heard`;
  const before = (await assistant.state(entity))?.state;
  const endMs = await daemon.say(inQuiet(word, 1, 0.5));
  let state: State | undefined;
  const seconds = Math.max(0, endMs - Date.now()) / 1000 + 3;
  await comesAbout(seconds, async () => {
    state = await assistant.state(entity);
    return state !== undefined && state.state !== before && state.state !== 'unavailable';
  });
  // So that what follows is an utterance of its own.
  await until('the word to be over', 30, () => Date.now() > endMs + 1000);
  return state?.state === before ? undefined : state;
}

/** By the names that the entities have, as Home Assistant makes ids of them. */
function thresholdEntity({ label }: { readonly label: string }): string {
  return `number.${OF}_${label.toLowerCase().replaceAll(/\W+/g, '_')}_threshold`;
}

function allOf(name: string, parts: Readonly<Record<string, boolean>>): Line {
  const failed = Object.entries(parts).flatMap(([part, met]) => (met ? [] : [part]));
  const count = Object.keys(parts).length;
  return {
    name,
    value: count - failed.length,
    unit: '',
    bar: { atLeast: count },
    detail: failed.length === 0 ? Object.keys(parts).join(', ') : `not: ${failed.join(', ')}`,
  };
}

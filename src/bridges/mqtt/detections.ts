import type { Outgoing } from '../../broker/index.js';
import type { DetectionEvent, TestEvent } from '../../protocol/index.js';
import type { MqttSettings } from './settings.js';

/** How long a detection is worth something: what a word started later than this would surprise whoever said it. */
const LIVES_MS = 10_000;

type Fields = Readonly<Record<string, unknown>>;

export function detectionMessage(event: DetectionEvent, settings: MqttSettings): Outgoing {
  const { keyword, label, score, secondLook, heardAt, cost, sequence } = event;
  const { cpuMs, energyMj, ...rest } = cost;
  return messageOf(settings.topics.detection, settings, keyword, {
    label,
    score: round(score),
    ...(secondLook && {
      secondLook: { posterior: round(secondLook.posterior), second: round(secondLook.second) },
    }),
    heardAt,
    cost: { ...rest, cpuMs: round(cpuMs), energyMj: round(energyMj) },
    sequence,
  });
}

/** What is sent of a test: on a topic of its own, and where it is to be as good as a word, as a detection too. */
export function testMessages(event: TestEvent, settings: MqttSettings): Outgoing[] {
  const { keyword, label, time, sequence, fire } = event;
  const { topics } = settings;
  const fields = { label, test: true, heardAt: time, sequence };
  return (fire ? [topics.test, topics.detection] : [topics.test]).map((topic) =>
    messageOf(topic, settings, keyword, fields),
  );
}

/** `event_type` is what Home Assistant's event entity wants; everything else becomes its attributes. */
function messageOf(topic: string, { room }: MqttSettings, keyword: string, fields: Fields): Outgoing {
  const payload = JSON.stringify({ event_type: keyword, keyword, room, ...fields });
  return { topic, payload, livesMs: LIVES_MS };
}

function round(number: number): number {
  return Math.round(number * 1e4) / 1e4;
}

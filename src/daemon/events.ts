import { EventEmitter } from 'node:events';
import { type Static, type TProperties, Type } from '../schema/index.js';

/**
 * Everything that happens in the daemon and that others may want to know: one bus, and the shape of what is
 * on it.
 */

/** What every event carries. */
const envelope = {
  sequence: Type.Integer({
    description:
      'Counts up by one with every event of any type but level, which has the number of the event before it. ' +
      'A daemon that is started later has higher numbers.',
  }),
  time: Type.String({ format: 'date-time', description: 'When it was told.' }),
};

const sample = Type.Integer({ description: 'Sample number, at 16 kHz, from the start of listening.' });
const seconds = Type.Number({ description: 'The same in seconds.' });
const probability = Type.Number({ minimum: 0, maximum: 1 });

function eventOf<const Name extends string, Fields extends TProperties>(name: Name, fields: Fields) {
  return Type.Object({ type: Type.Literal(name), ...envelope, ...fields });
}

export const DetectionEventSchema = eventOf('detection', {
  keyword: Type.String(),
  label: Type.String({ description: 'What the keyword is called for people.' }),
  score: Type.Number({ minimum: 0, maximum: 1, description: 'Smoothed posterior.' }),
  sample,
  seconds,
  heardAt: Type.String({ format: 'date-time', description: 'When the keyword was over, on the wall clock.' }),
  cost: Type.Object(
    {
      handoffs: Type.Integer(),
      bytes: Type.Integer({ description: 'Of these handoffs.' }),
      cpuMs: Type.Number({ description: "The classifier's CPU time for them." }),
    },
    { description: 'Spent since the gate opened.' },
  ),
});

export const GateEventSchema = eventOf('gate', { open: Type.Boolean(), score: probability, sample, seconds });

export const ClassifierStateSchema = Type.Union([
  Type.Literal('asleep'),
  Type.Literal('waking'),
  Type.Literal('awake'),
]);

export const ClassifierEventSchema = eventOf('classifier', {
  state: ClassifierStateSchema,
  previous: ClassifierStateSchema,
  reason: Type.String(),
});

export const InputStatusSchema = Type.Object({
  name: Type.String({ description: 'What is listened to.' }),
  state: Type.Union(
    [
      Type.Literal('opening'),
      Type.Literal('listening'),
      Type.Literal('lost'),
      Type.Literal('restored'),
      Type.Literal('muted'),
      Type.Literal('ended'),
    ],
    {
      description:
        'lost: it failed and is tried again; restored: it is listened to again; muted: it was let go of, as ' +
        'was asked; ended: all of it has been heard.',
    },
  ),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it is lost.' }),
  problem: Type.Union([Type.String(), Type.Null()], {
    description: 'What is wrong with its sound though it comes, such as that it clips.',
  }),
});

export const InputEventSchema = eventOf('input', InputStatusSchema.properties);

export const KeywordInfoSchema = Type.Object({
  name: Type.String(),
  label: Type.String({ description: 'What it is called for people.' }),
  enabled: Type.Boolean({ description: 'Whether it is listened for.' }),
  threshold: probability,
  patience: Type.Integer({ minimum: 1, description: 'Positions in a row over the threshold that it takes.' }),
});

export const ConfigEventSchema = eventOf('config', {
  keyword: Type.Optional(KeywordInfoSchema),
  model: Type.Optional(
    Type.Object(
      { name: Type.String(), description: Type.String() },
      { description: 'Listened with from now on.' },
    ),
  ),
});

export const LevelEventSchema = eventOf('level', {
  dbfs: Type.Union([Type.Number(), Type.Null()], {
    description: 'Root mean square of a tenth of a second; null for digital silence.',
  }),
  sample,
  seconds,
});

export const DaemonEventSchema = Type.Union([
  DetectionEventSchema,
  GateEventSchema,
  ClassifierEventSchema,
  InputEventSchema,
  ConfigEventSchema,
]);

export type InputStatus = Static<typeof InputStatusSchema>;
export type KeywordInfo = Static<typeof KeywordInfoSchema>;
export type DetectionEvent = Static<typeof DetectionEventSchema>;
export type GateEvent = Static<typeof GateEventSchema>;
export type LevelEvent = Static<typeof LevelEventSchema>;
export type DaemonEvent = Static<typeof DaemonEventSchema>;

/** An event before it is on the bus. Distributes over the union, which a plain `Omit` would melt together. */
export type EventBody<Event = DaemonEvent> = Event extends DaemonEvent
  ? Omit<Event, keyof typeof envelope>
  : never;

/** Events that are kept for those who come back. */
const KEPT_EVENTS = 256;

/**
 * Carries the daemon's events to whoever passes them on: the server's subscribers, and bridges. Levels come
 * ten times a second, and are measured out only while someone listens for them.
 *
 * @example
 * bus.on('event', (event) => {
 *   if (event.type === 'detection') ring(event.keyword);
 * });
 */
export class EventBus extends EventEmitter<{ event: [event: DaemonEvent]; level: [event: LevelEvent] }> {
  /** Oldest first. */
  readonly #kept: DaemonEvent[] = [];
  /** A time, so that numbers go on upwards over a restart. No daemon tells of a thousand events a second. */
  #sequence = Date.now();

  /** Number of the latest event; where there was none yet, the one before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  publish(body: EventBody): void {
    const { type, ...fields } = body;
    const time = new Date().toISOString();
    const event = { type, sequence: ++this.#sequence, time, ...fields } as DaemonEvent;
    this.#kept.push(event);
    if (this.#kept.length > KEPT_EVENTS) this.#kept.shift();
    this.emit('event', event);
  }

  publishLevel(dbfs: number, sample: number, seconds: number): void {
    if (this.listenerCount('level') === 0) return;
    this.emit('level', {
      type: 'level',
      sequence: this.#sequence,
      time: new Date().toISOString(),
      dbfs: Number.isFinite(dbfs) ? dbfs : null,
      sample,
      seconds,
    });
  }

  /** The kept events with a higher number, oldest first. */
  since(sequence: number): readonly DaemonEvent[] {
    return this.#kept.filter((event) => event.sequence > sequence);
  }
}

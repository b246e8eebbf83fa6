import { EventEmitter } from 'node:events';
import { type Static, type TProperties, Type } from '@sinclair/typebox';

/**
 * Everything that happens in the daemon and that others may want to know: one bus, and the shape of what is
 * on it.
 */

/** What every event carries. */
const envelope = {
  sequence: Type.Integer({ description: 'Counts up by one with every event of any type.' }),
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
      Type.Literal('ended'),
    ],
    {
      description:
        'lost: it failed and is tried again; restored: it is listened to again; ended: all of it has been heard.',
    },
  ),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it is lost.' }),
  problem: Type.Union([Type.String(), Type.Null()], {
    description: 'What is wrong with its sound though it comes, such as that it clips.',
  }),
});

export const InputEventSchema = eventOf('input', InputStatusSchema.properties);

export const DaemonEventSchema = Type.Union([
  DetectionEventSchema,
  GateEventSchema,
  ClassifierEventSchema,
  InputEventSchema,
]);

export type InputStatus = Static<typeof InputStatusSchema>;
export type DetectionEvent = Static<typeof DetectionEventSchema>;
export type DaemonEvent = Static<typeof DaemonEventSchema>;

/** An event before it is on the bus. Distributes over the union, which a plain `Omit` would melt together. */
export type EventBody<Event = DaemonEvent> = Event extends DaemonEvent
  ? Omit<Event, keyof typeof envelope>
  : never;

/**
 * Carries the daemon's events to whoever passes them on: the server's subscribers, and bridges.
 *
 * @example
 * bus.on('event', (event) => {
 *   if (event.type === 'detection') ring(event.keyword);
 * });
 */
export class EventBus extends EventEmitter<{ event: [event: DaemonEvent] }> {
  #sequence = 0;

  /** Number of the latest event; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  publish(body: EventBody): void {
    const { type, ...fields } = body;
    const time = new Date().toISOString();
    this.emit('event', { type, sequence: ++this.#sequence, time, ...fields } as DaemonEvent);
  }
}

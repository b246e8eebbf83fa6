import { WakegateError } from '../../errors.js';
import { Checker, type Static, sentenceOf, type TSchema, Type } from '../../schema/index.js';
import type { WyomingEvent } from './frames.js';

/** The data of the events that are understood here; members that are not named are ignored. */

const Nullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** In ms, on a clock of the sender's. */
const Timestamp = Nullable(Type.Number());

const AudioFormatSchema = Type.Object({
  /** In Hz. */
  rate: Type.Integer({ minimum: 8000, maximum: 192_000 }),
  /** Bytes of a sample. */
  width: Type.Integer({ minimum: 1, maximum: 4 }),
  channels: Type.Integer({ minimum: 1, maximum: 8 }),
  timestamp: Timestamp,
});
export type AudioFormat = Static<typeof AudioFormatSchema>;

const DetectSchema = Type.Object({
  /** Of keywords; all where there are none. */
  names: Nullable(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 })),
});

const PingSchema = Type.Object({ text: Nullable(Type.String({ maxLength: 1000 })) });

const audioFormat = new Checker(AudioFormatSchema);
const detect = new Checker(DetectSchema);
const ping = new Checker(PingSchema);

/** Of `audio-start` and `audio-chunk`. @throws WakegateError WG_REQUEST_INVALID */
export function audioFormatOf(event: WyomingEvent): AudioFormat {
  return checked(audioFormat, event);
}

/** @throws WakegateError WG_REQUEST_INVALID */
export function detectOf(event: WyomingEvent): Static<typeof DetectSchema> {
  return checked(detect, event);
}

/** @throws WakegateError WG_REQUEST_INVALID */
export function pingOf(event: WyomingEvent): Static<typeof PingSchema> {
  return checked(ping, event);
}

function checked<T extends TSchema>(checker: Checker<T>, { type, data }: WyomingEvent): Static<T> {
  const result = checker.check(data);
  if (result.ok) return result.value;
  const place = [type, ...result.fault.path].join('.');
  throw new WakegateError('WG_REQUEST_INVALID', sentenceOf(result.fault, place));
}

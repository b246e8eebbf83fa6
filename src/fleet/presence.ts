import { Checker, type Static, Type } from '../schema/index.js';

const Name = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
const Count = Type.Number({ minimum: 0 });
const Pack = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  fingerprint: Type.String({ pattern: '^[0-9a-f]{8}$' }),
});

/** Retained while a worker is there. */
const WorkerSchema = Type.Object({
  worker: Name,
  group: Name,
  version: Type.String({ maxLength: 64 }),
  packs: Type.Array(Pack, { maxItems: 200 }),
  /** Sets of own keywords whose windows it takes. */
  own: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9a-f]{8}$' }), { maxItems: 1024 })),
});

/** Retained while a satellite is there. */
const SatelliteSchema = Type.Object({
  satellite: Name,
  room: Type.String({ minLength: 1, maxLength: 64 }),
  group: Type.Union([Name, Type.Null()]),
  version: Type.String({ maxLength: 64 }),
  pack: Pack,
  /** Sets of own keywords that it listens for. */
  own: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9a-f]{8}$' }), { maxItems: 8 })),
});

const WorkerCountsSchema = Type.Object({
  answered: Count,
  refused: Count,
  duplicates: Count,
  perSecond: Count,
  cpuMs: Count,
  lagMs: Count,
  uptimeSeconds: Count,
});

const SatelliteCountsSchema = Type.Object({
  sent: Count,
  answered: Count,
  again: Count,
  lost: Count,
  own: Count,
  duplicates: Count,
  perSecond: Count,
  lagMs: Count,
  detections: Count,
  outvoted: Count,
  uptimeSeconds: Count,
});

export type WorkerPresence = Static<typeof WorkerSchema>;
export type SatellitePresence = Static<typeof SatelliteSchema>;
export type WorkerCounts = Static<typeof WorkerCountsSchema>;
export type SatelliteCounts = Static<typeof SatelliteCountsSchema>;

const CHECKERS = {
  worker: new Checker(WorkerSchema),
  satellite: new Checker(SatelliteSchema),
  workerCounts: new Checker(WorkerCountsSchema),
  satelliteCounts: new Checker(SatelliteCountsSchema),
};

interface Kinds {
  worker: WorkerPresence;
  satellite: SatellitePresence;
  workerCounts: WorkerCounts;
  satelliteCounts: SatelliteCounts;
}

/** What a payload says; null where it is nothing of the kind. */
export function readPresence<Kind extends keyof Kinds>(kind: Kind, payload: Buffer): Kinds[Kind] | null {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    return null;
  }
  const checked = CHECKERS[kind].check(value);
  return checked.ok ? (checked.value as Kinds[Kind]) : null;
}

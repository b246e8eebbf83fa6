import { type Static, Type } from '../../schema/index.js';
import type { Energy, EnergyHistory } from '../energy.js';
import type { Agree } from './agree.js';

const energy = {
  energyMj: Type.Number({ description: 'Estimated, in millijoules, on the named basis.' }),
  basis: Type.String(),
};

const StageSchema = Type.Object({
  calls: Type.Integer(),
  timedCalls: Type.Integer({
    description: 'Of these, the ones that were timed; cpuMs is scaled up from them.',
  }),
  cpuMs: Type.Number(),
  macs: Type.Number({ description: 'Multiply-accumulates.' }),
  bytesIn: Type.Integer(),
  bytesOut: Type.Integer(),
  ...energy,
});

const account = {
  clock: Type.Union([Type.Literal('thread-cpu'), Type.Literal('wall')], {
    description: 'How CPU time was measured; wall is an upper bound of it.',
  }),
  basis: Type.Object({
    name: Type.String(),
    asIf: Type.Boolean({ description: 'Whether it is the basis of a machine that this one is not.' }),
    how: Type.String(),
  }),
  stages: Type.Object({
    capture: StageSchema,
    features: StageSchema,
    gate: StageSchema,
    handoff: StageSchema,
    classifier: StageSchema,
    secondLook: StageSchema,
  }),
  total: Type.Object({ cpuMs: Type.Number(), ...energy }),
  saved: Type.Union(
    [
      Type.Object({
        alwaysOnCpuMs: Type.Number({ description: 'What an always-on classifier would have taken.' }),
        cpuMs: Type.Number({ description: 'What it took.' }),
        ratio: Type.Number(),
        how: Type.String(),
        ...energy,
      }),
      Type.Null(),
    ],
    { description: 'null as long as it is not known what a handoff costs.' },
  ),
};

const WindowSchema = Type.Object(
  { seconds: Type.Number({ minimum: 0, description: 'How long it really is.' }), ...account },
  { description: 'The same, of the newest part of the time only.' },
);

export const EnergySchema = Type.Object({ ...account, lastMinute: WindowSchema, lastHour: WindowSchema });

true satisfies Agree<Static<typeof EnergySchema>, Energy>;

const SpentSchema = Type.Object({ cpuMs: Type.Number(), energyMj: Type.Number() });

export const EnergySpanSchema = Type.Union([
  Type.Literal('minute'),
  Type.Literal('hour'),
  Type.Literal('day'),
]);

export const EnergyHistorySchema = Type.Object({
  span: EnergySpanSchema,
  basis: account.basis,
  buckets: Type.Array(
    Type.Object({
      time: Type.String({ format: 'date-time', description: 'Its end.' }),
      seconds: Type.Number({ minimum: 0 }),
      stages: Type.Object({
        capture: SpentSchema,
        features: SpentSchema,
        gate: SpentSchema,
        handoff: SpentSchema,
        classifier: SpentSchema,
        secondLook: SpentSchema,
      }),
      total: SpentSchema,
      alwaysOnCpuMs: Type.Union([Type.Number(), Type.Null()], {
        description: 'null as long as it is not known what a handoff costs.',
      }),
      handoffs: Type.Integer({ description: 'That the classifier has answered.' }),
      looks: Type.Integer({ description: 'Second looks.' }),
    }),
    { description: 'Oldest first: a minute by 10 s, an hour by 1 min, a day by 10 min.' },
  ),
});

true satisfies Agree<Static<typeof EnergyHistorySchema>, EnergyHistory>;

import { type Static, Type } from '../../schema/index.js';
import { EVENT_TYPES } from '../events.js';
import type { Hook, HookTest } from '../hooks.js';
import type { Agree } from './agree.js';

const Count = Type.Integer({ minimum: 0 });

export const HookSchema = Type.Object({
  name: Type.String(),
  kind: Type.Union([Type.Literal('webhook'), Type.Literal('command')]),
  target: Type.String({ description: 'The host of its address, or its program.' }),
  on: Type.Array(Type.Unsafe<(typeof EVENT_TYPES)[number]>({ type: 'string', enum: EVENT_TYPES })),
  keywords: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description: 'Whose detections count; null for all.',
  }),
  delivered: Count,
  failed: Type.Integer({ minimum: 0, description: 'Events that it failed for, after all attempts.' }),
  dropped: Type.Integer({
    minimum: 0,
    description: 'Events that were dropped for newer ones, as too many waited.',
  }),
  waiting: Count,
  problem: Type.Union([Type.String(), Type.Null()], {
    description: 'Why it failed for the newest event; null where it did not.',
  }),
});

true satisfies Agree<Static<typeof HookSchema>, Hook>;

export const HookTestSchema = Type.Object({
  delivered: Type.Boolean(),
  milliseconds: Type.Number(),
  problem: Type.Union([Type.String(), Type.Null()], { description: 'Why it was not delivered.' }),
});

true satisfies Agree<Static<typeof HookTestSchema>, HookTest>;

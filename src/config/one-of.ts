import { type StringOptions, Type } from '../schema/index.js';

/** One of some words. As an `enum`, since a union of literals gives messages that nobody understands. */
export function OneOf<const Word extends string>(words: readonly Word[], options: StringOptions) {
  return Type.Unsafe<Word>({ type: 'string', enum: words, ...options });
}

import type { Clip } from '../corpus/corpus.js';
import type { Heard } from './rates.js';

/** Figures by name: of keywords, corpora, kinds and conditions. */
export type ByName<T> = Readonly<Record<string, T>>;

export function mapped<T, U>(record: ByName<T>, make: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(value)]));
}

export function groupedBy(heard: readonly Heard[], of: (clip: Clip) => string): Record<string, Heard[]> {
  const groups: Record<string, Heard[]> = {};
  for (const one of heard) (groups[of(one.clip)] ??= []).push(one);
  return groups;
}

/** Outer and inner names the other way round. */
export function turned<T>(record: ByName<ByName<T>>): Record<string, Record<string, T>> {
  const out: Record<string, Record<string, T>> = {};
  for (const [outer, inner] of Object.entries(record)) {
    for (const [name, value] of Object.entries(inner)) (out[name] ??= {})[outer] = value;
  }
  return out;
}

import { useEffect, useReducer } from 'preact/hooks';

/** A value that can be watched. */
export class Signal<Value> {
  #value: Value;
  readonly #watchers = new Set<() => void>();

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set value(value: Value) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const watcher of this.#watchers) watcher();
  }

  /** @returns what ends it */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** The value, in a component that is rendered again when it is another. */
export function useSignal<Value>(signal: Signal<Value>): Value {
  const [, render] = useReducer((count: number, _: null) => count + 1, 0);
  useEffect(() => signal.watch(() => render(null)), [signal]);
  return signal.value;
}

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Resource<Value> {
  /** Null before the first answer. What was had is kept while it is asked for again. */
  readonly value: Value | null;
  /** Why there is none, in a sentence. */
  readonly fault: string | null;
  reload(): void;
  /** Puts in what is known to be there now, without asking. */
  put(value: Value): void;
}

/** Asks for something, again where `inputs` are others. An answer that is overtaken by a later one is left. */
export function useResource<Value>(load: () => Promise<Value>, inputs: readonly unknown[]): Resource<Value> {
  const [state, setState] = useState<{ value: Value | null; fault: string | null }>({
    value: null,
    fault: null,
  });
  /** Of questions: the last that was asked, and the last whose answer was taken. */
  const turns = useRef({ asked: 0, taken: 0 });
  const reload = useCallback(() => {
    const mine = ++turns.current.asked;
    const take = (next: Pick<Resource<Value>, 'fault'> & { readonly value?: Value }) => {
      if (mine < turns.current.taken) return;
      turns.current.taken = mine;
      setState(({ value }) => ({ value, ...next }));
    };
    new Promise<Value>((resolve) => resolve(load())).then(
      (value) => take({ value, fault: null }),
      (error: unknown) => take({ fault: error instanceof Error ? error.message : String(error) }),
    );
  }, inputs);
  useEffect(reload, [reload]);
  useEffect(
    () => () => {
      turns.current.taken = Number.POSITIVE_INFINITY;
    },
    [],
  );
  const put = useCallback((value: Value) => {
    turns.current.taken = ++turns.current.asked;
    setState({ value, fault: null });
  }, []);
  return { ...state, reload, put };
}

import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Whether an element is on the screen. */
export function useVisible(element: RefObject<Element | null>): boolean {
  const [isVisible, setVisible] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => setVisible(entries.at(-1)!.isIntersecting));
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return isVisible;
}

/** The value, taken at most once in `everyMs` and only while it is looked at; null before it was. */
export function useSampled<Value>(value: Value, everyMs: number, isLookedAt: boolean): Value | null {
  const [taken, setTaken] = useState<Value | null>(null);
  const takenAtMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!isLookedAt) return;
    const take = () => {
      takenAtMs.current = performance.now();
      setTaken(value);
    };
    const timer = setTimeout(take, Math.max(0, takenAtMs.current + everyMs - performance.now()));
    return () => clearTimeout(timer);
  }, [value, isLookedAt]);
  return taken;
}

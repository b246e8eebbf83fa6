import { useEffect, useRef } from 'preact/hooks';
import { placeOfLevel } from '../scale.js';

interface MeterProps {
  readonly label: string;
  /** Given a function that shows a level, in dBFS, as often as there is a new one. */
  readonly onReady: (show: (dbfs: number | null) => void) => void;
}

/** A level that moves, without the page being rendered again. */
export function Meter({ label, onReady }: MeterProps) {
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    onReady((dbfs) => {
      bar.current?.style.setProperty('--level', String(dbfs === null ? 0 : placeOfLevel(dbfs)));
    });
  }, []);
  return (
    <span class="level" role="img" aria-label={label}>
      <i ref={bar} />
    </span>
  );
}

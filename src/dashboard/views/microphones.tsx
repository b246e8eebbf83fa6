import { useEffect, useRef } from 'preact/hooks';
import { useDaemon } from '../context.js';
import { decibels, inputName } from '../format.js';
import { Meter } from '../parts/meter.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';
import { Devices } from './devices.js';

/** What is listened to, how loud it is, and what else there is to listen to. */
export function MicrophonesCard() {
  const { live } = useDaemon();
  const { input } = useSignal(live.status)!;
  const isHeard = input.state === 'listening' || input.state === 'restored';
  const level = useRef<(dbfs: number | null) => void>(() => {});
  const number = useRef<HTMLOutputElement>(null);
  const show = (dbfs: number | null) => {
    level.current(dbfs);
    if (number.current) number.current.textContent = decibels(dbfs);
  };
  useEffect(() => {
    // The level of what is heard no more says nothing.
    if (!isHeard) return show(null);
    return live.watchScores(({ dbfs }) => show(dbfs));
  }, [isHeard]);
  return (
    <section class="card" aria-labelledby="microphones-title">
      <header>
        <h2 id="microphones-title">{T.setup.microphones}</h2>
      </header>
      <div class="setting">
        <div>
          <b title={input.name}>{inputName(input.name)}</b>
          <p class="small muted">
            {input.reason ?? input.problem ?? T.now.input[input.state]}
            {input.restarts > 0 && ` ${T.setup.restarts(String(input.restarts))}`}
          </p>
        </div>
        <div class="setting-level">
          <Meter onReady={(show) => (level.current = show)} label={T.now.level} />
          <output ref={number} class="number small" aria-live="off" aria-label={T.now.level}>
            {decibels(null)}
          </output>
        </div>
      </div>
      <Devices />
    </section>
  );
}

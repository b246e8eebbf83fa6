import { useRef } from 'preact/hooks';
import { useDaemon } from '../context.js';
import { clockTime } from '../format.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';
import { Icon } from './icon.js';
import { attempt } from './toasts.js';

const TIMES = [
  [600, T.mute.tenMinutes],
  [3600, T.mute.hour],
  [null, T.mute.untilUnmuted],
] as const;

/** Releases the microphone, for a time or until somebody wants it back. */
export function MuteButton() {
  const { live } = useDaemon();
  const { input } = useSignal(live.status)!;
  const menu = useRef<HTMLDetailsElement>(null);
  const mute = (seconds: number | null) => {
    if (menu.current) menu.current.open = false;
    attempt(async () => {
      await live.client.mute(seconds ?? undefined);
      await live.refresh();
    });
  };
  const unmute = () =>
    attempt(async () => {
      await live.client.unmute();
      await live.refresh();
    });
  if (input.state === 'muted') {
    return (
      <div class="mute">
        <span class="muted small">
          {input.mutedUntil === null ? T.mute.muted : T.mute.mutedUntil(clockTime(input.mutedUntil))}
        </span>
        <button type="button" class="primary" onClick={unmute}>
          <Icon name="mic" /> {T.mute.unmute}
        </button>
      </div>
    );
  }
  if (input.state === 'ended') return null;
  return (
    <details class="menu" ref={menu} onKeyDown={(event) => event.key === 'Escape' && closeOf(menu.current)}>
      <summary class="button">
        <Icon name="micOff" /> {T.mute.mute}
      </summary>
      <ul>
        {TIMES.map(([seconds, text]) => (
          <li key={text}>
            <button type="button" class="plain" onClick={() => mute(seconds)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function closeOf(menu: HTMLDetailsElement | null): void {
  if (menu === null) return;
  menu.open = false;
  menu.querySelector('summary')?.focus();
}

import type { Captures } from '../../client/index.js';
import { useDaemon } from '../context.js';
import { bytes, count } from '../format.js';
import { Icon } from '../parts/icon.js';
import { attempt } from '../parts/toasts.js';
import { T } from '../strings.js';

interface CapturesSwitchProps {
  readonly captures: Captures;
  readonly onChange: (captures: Captures) => void;
}

/** Captures are off: what they are for, what they keep, and whom to ask first. */
export function CapturesSwitch({ captures, onChange }: CapturesSwitchProps) {
  const { live } = useDaemon();
  const { limits } = captures;
  const turnOn = () => attempt(async () => onChange(await live.client.enableCaptures(true)));
  return (
    <section class="card captures-off" aria-labelledby="captures-off-title">
      <Icon name="lock" />
      <div>
        <h2 id="captures-off-title">{T.captures.off}</h2>
        <p>{T.captures.why}</p>
        <ul class="points">
          <li>{T.captures.what}</li>
          <li>{T.captures.where}</li>
          <li>{T.captures.limits(count(limits.count), bytes(limits.bytes), count(limits.days))}</li>
          <li>{T.captures.ask}</li>
        </ul>
        <button type="button" class="primary" onClick={turnOn}>
          {T.captures.turnOn}
        </button>
      </div>
    </section>
  );
}

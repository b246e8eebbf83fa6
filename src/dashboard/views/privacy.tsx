import { useDaemon } from '../context.js';
import { bytes, count } from '../format.js';
import { Loading } from '../parts/loading.js';
import { MuteButton } from '../parts/mute-button.js';
import { Switch } from '../parts/switch.js';
import { attempt } from '../parts/toasts.js';
import { useResource } from '../resource.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';

/** Whether it listens at all, and what it keeps. */
export function PrivacyCard() {
  const { live } = useDaemon();
  const changes = useSignal(live.changes);
  const captures = useResource(() => live.client.captures(), [changes]);
  const { value } = captures;
  return (
    <section class="card" aria-labelledby="privacy-title">
      <header>
        <h2 id="privacy-title">{T.setup.privacy}</h2>
      </header>
      <div class="setting">
        <div>
          <b>{T.setup.listening}</b>
          <p class="small muted">{T.setup.listeningHow}</p>
        </div>
        <MuteButton />
      </div>
      {value === null ? (
        <Loading resource={captures} />
      ) : (
        <div class="setting">
          <div>
            <b id="captures-switch">{T.setup.captures}</b>
            <p class="small muted">
              {T.captures.what}{' '}
              {T.captures.limits(
                count(value.limits.count),
                bytes(value.limits.bytes),
                count(value.limits.days),
              )}
            </p>
          </div>
          <Switch
            labelledBy="captures-switch"
            isOn={value.enabled}
            onChange={(isOn) => attempt(async () => captures.put(await live.client.enableCaptures(isOn)))}
          />
        </div>
      )}
    </section>
  );
}

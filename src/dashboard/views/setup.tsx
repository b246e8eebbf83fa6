import { useEffect, useState } from 'preact/hooks';
import type { ModelInfo } from '../../client/index.js';
import { useDaemon } from '../context.js';
import { duration, listOf } from '../format.js';
import { Icon } from '../parts/icon.js';
import { Loading } from '../parts/loading.js';
import { attempt, say } from '../parts/toasts.js';
import { useResource } from '../resource.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';
import { ChecksCard } from './checks.js';
import { MicrophonesCard } from './microphones.js';
import { PrivacyCard } from './privacy.js';
import { WaysOutCard } from './ways-out.js';

/** What the daemon listens with, and to whom it says what it hears. */
export function SetupView() {
  const { live } = useDaemon();
  useEffect(() => void live.refresh(), []);
  return (
    <div class="setup">
      <MicrophonesCard />
      <ChecksCard />
      <PacksCard />
      <PrivacyCard />
      <WaysOutCard />
      <AboutCard />
    </div>
  );
}

function PacksCard() {
  const { live } = useDaemon();
  const changes = useSignal(live.changes);
  const models = useResource(() => live.client.models(), [changes]);
  const [changing, setChanging] = useState<string | null>(null);
  const change = async ({ id, name }: ModelInfo) => {
    setChanging(id);
    const isDone = await attempt(() => live.client.changeModel(id));
    setChanging(null);
    models.reload();
    await live.refresh();
    if (isDone) say(T.setup.packChanged(name));
  };
  return (
    <section class="card" aria-labelledby="packs-title">
      <header>
        <h2 id="packs-title">{T.setup.packs}</h2>
        <span class="small muted">{T.setup.packsHow}</span>
      </header>
      {models.value === null ? (
        <Loading resource={models} />
      ) : (
        <ul class="choices">
          {models.value.map((model) => (
            <li key={model.id}>
              <label class={model.problem ? 'choice is-off' : 'choice'}>
                <input
                  type="radio"
                  name="pack"
                  checked={model.inUse}
                  disabled={changing !== null || model.problem !== null}
                  onChange={() => change(model)}
                />
                <span>
                  <b>{model.name}</b>
                  <span class="small muted">
                    {changing === model.id
                      ? T.setup.packChanging
                      : (model.problem ?? listOf(model.keywords.map((word) => word.replaceAll('_', ' '))))}
                  </span>
                </span>
              </label>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function AboutCard() {
  const { live, session, leave } = useDaemon();
  const { version, uptimeSeconds, model } = useSignal(live.status)!;
  return (
    <section class="card" aria-labelledby="about-title">
      <header>
        <h2 id="about-title">{T.setup.about}</h2>
      </header>
      <dl class="facts">
        <dt>{T.setup.version}</dt>
        <dd>{version}</dd>
        <dt>{T.setup.uptime}</dt>
        <dd>{duration(uptimeSeconds)}</dd>
        <dt>{T.setup.pack}</dt>
        <dd>{model.name}</dd>
        <dt>{T.setup.address}</dt>
        <dd>
          <code>{session.url}</code>
        </dd>
      </dl>
      <p class="row">
        <a class="button" href={`${session.url.replace(/\/+$/, '')}/docs`}>
          <Icon name="words" /> {T.setup.reference}
        </a>
        {session.token !== null && (
          <button type="button" onClick={leave}>
            <Icon name="lock" /> {T.setup.logOut}
          </button>
        )}
      </p>
    </section>
  );
}

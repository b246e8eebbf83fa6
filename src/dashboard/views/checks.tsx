import { useDaemon } from '../context.js';
import { Icon } from '../parts/icon.js';
import { Loading } from '../parts/loading.js';
import { say } from '../parts/toasts.js';
import { useResource } from '../resource.js';
import { T } from '../strings.js';

const ICONS = { right: 'check', wrong: 'cross', unknown: 'warning' } as const;

/** What is missing, and what fixes it. */
export function ChecksCard() {
  const { live } = useDaemon();
  const checks = useResource(() => live.client.doctor(), []);
  const copy = async (command: string) => {
    await navigator.clipboard.writeText(command);
    say(T.setup.copied);
  };
  return (
    <section class="card" aria-labelledby="checks-title">
      <header>
        <h2 id="checks-title">{T.setup.checks}</h2>
        <button type="button" class="plain small" onClick={checks.reload}>
          {T.setup.checkAgain}
        </button>
      </header>
      {checks.value === null ? (
        <Loading resource={checks} />
      ) : (
        <ul class="checks">
          {checks.value.map(({ about, state, says, fix }) => (
            <li key={`${about} ${says}`} class={`check-${state}`}>
              <Icon name={ICONS[state]} />
              <div>
                <b>{about}</b> <span class="hidden">{T.setup.checkStates[state]}</span>
                <p class="small muted">{says}</p>
                {fix && (
                  <p class="fix">
                    <code>{fix}</code>
                    {navigator.clipboard && (
                      <button
                        type="button"
                        class="plain round"
                        aria-label={T.setup.copy}
                        onClick={() => copy(fix)}
                      >
                        <Icon name="copy" />
                      </button>
                    )}
                  </p>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

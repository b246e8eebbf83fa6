import { useRef, useState } from 'preact/hooks';
import type { Reach } from '../live.js';
import type { Session } from '../session.js';
import { T } from '../strings.js';
import { Icon } from './icon.js';

interface EntryProps {
  readonly reach: Reach;
  readonly trouble: string | null;
  readonly session: Session;
  readonly onEnter: (session: Session) => void;
}

/** Before there is anything to show: connecting, no answer, or a token is asked for. */
export function Entry(props: EntryProps) {
  return (
    <main class="entry">
      <div class="entry-card">
        <p class="wordmark">
          <Icon name="mark" /> wakegate
        </p>
        {props.reach === 'refused' ? <TokenForm {...props} /> : <Waiting {...props} />}
      </div>
    </main>
  );
}

function Waiting({ reach, trouble, session, onEnter }: EntryProps) {
  if (reach !== 'unreachable') {
    return (
      <p class="muted" role="status">
        {T.entry.connecting}
      </p>
    );
  }
  return (
    <>
      <h1>{T.entry.unreachable}</h1>
      <p role="status">{trouble ?? T.entry.noAnswer(session.url)}</p>
      <p class="muted">{T.entry.tryingAgain}</p>
      <details>
        <summary>{T.entry.otherAddress}</summary>
        <AddressForm session={session} onEnter={onEnter} />
      </details>
    </>
  );
}

function AddressForm({ session, onEnter }: Pick<EntryProps, 'session' | 'onEnter'>) {
  const [address, setAddress] = useState(session.url);
  const enter = (event: Event) => {
    event.preventDefault();
    if (URL.canParse(address)) onEnter({ url: new URL(address).href, token: null });
  };
  return (
    <form onSubmit={enter}>
      <label>
        {T.entry.address}
        <input
          type="url"
          value={address}
          required
          placeholder="http://kitchen.local:8765"
          onInput={({ currentTarget }) => setAddress(currentTarget.value)}
        />
      </label>
      <p class="muted small">{T.entry.addressNeeds}</p>
      <button type="submit" class="primary">
        {T.entry.connect}
      </button>
    </form>
  );
}

function TokenForm({ session, onEnter }: EntryProps) {
  const field = useRef<HTMLInputElement>(null);
  const enter = (event: Event) => {
    event.preventDefault();
    const token = field.current!.value.trim();
    if (token !== '') onEnter({ ...session, token });
  };
  return (
    <form onSubmit={enter}>
      <h1>{T.entry.tokenTitle}</h1>
      {session.token !== null && (
        <p class="fault" role="alert">
          {T.entry.tokenWrong}
        </p>
      )}
      <label>
        {T.entry.token}
        <input
          ref={field}
          type="password"
          name="token"
          autocomplete="current-password"
          spellcheck={false}
          required
          // The only thing that can be done here.
          autofocus
        />
      </label>
      <p class="muted small">
        {T.entry.tokenWhere} <code>token</code>. {T.entry.tokenKept}
      </p>
      <button type="submit" class="primary">
        {T.entry.enter}
      </button>
    </form>
  );
}

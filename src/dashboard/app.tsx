import { useEffect, useMemo, useState } from 'preact/hooks';
import { WakegateClient } from '../client/index.js';
import { DaemonContext } from './context.js';
import { Live } from './live.js';
import { Entry } from './parts/entry.js';
import { Toasts } from './parts/toasts.js';
import { forgetSession, keepSession, readSession, type Session } from './session.js';
import { Shell } from './shell.js';
import { useSignal } from './signal.js';

/** A daemon is looked at, or it is asked which one, and for its token. */
export function App() {
  const [session, setSession] = useState<Session>(readSession);
  const enter = (next: Session) => {
    keepSession(next);
    setSession({ ...next });
  };
  const leave = () => {
    forgetSession();
    setSession(readSession());
  };
  return <Connected key={`${session.url} ${session.token}`} session={session} enter={enter} leave={leave} />;
}

function Connected(props: { session: Session; enter: (session: Session) => void; leave: () => void }) {
  const { session, enter, leave } = props;
  const live = useMemo(() => {
    const { url, token } = session;
    return new Live(new WakegateClient({ url, ...(token !== null && { token }) }));
  }, []);
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, []);
  const reach = useSignal(live.reach);
  const trouble = useSignal(live.trouble);
  const status = useSignal(live.status);
  if (reach === 'refused' || status === null) {
    return <Entry reach={reach} trouble={trouble} session={session} onEnter={enter} />;
  }
  return (
    <DaemonContext.Provider value={{ live, session, leave }}>
      <Shell />
      <Toasts />
    </DaemonContext.Provider>
  );
}

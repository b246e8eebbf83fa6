import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Live } from './live.js';
import type { Session } from './session.js';

/** What every view works with. */
export interface Daemon {
  readonly live: Live;
  readonly session: Session;
  /** Goes back to the first screen, without the token. */
  leave(): void;
}

export const DaemonContext = createContext<Daemon | null>(null);

export function useDaemon(): Daemon {
  return useContext(DaemonContext)!;
}

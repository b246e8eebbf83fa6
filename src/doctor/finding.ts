/** What was found out about one thing that the daemon needs. */
export interface Finding {
  /** What was looked at: `microphone`. */
  readonly about: string;
  /** `unknown`: it could not be found out, and may be right. */
  readonly state: 'right' | 'wrong' | 'unknown';
  /** What was found, in a sentence for people. */
  readonly says: string;
  /** The command, to be typed as it is, that mends it or shows what does; null where nothing is wrong. */
  readonly mend: string | null;
}

export function right(about: string, says: string): Finding {
  return { about, state: 'right', says, mend: null };
}

export function wrong(about: string, says: string, mend: string): Finding {
  return { about, state: 'wrong', says, mend };
}

export function unknown(about: string, says: string): Finding {
  return { about, state: 'unknown', says, mend: null };
}

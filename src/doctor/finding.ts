/** The result of one check. */
export interface Finding {
  /** What was checked: `microphone`. */
  readonly about: string;
  /** `unknown`: it could not be checked, and may be right. */
  readonly state: 'right' | 'wrong' | 'unknown';
  /** What was found, in a sentence for people. */
  readonly says: string;
  /** The command, ready to be typed, that fixes it or shows how; null if nothing is wrong. */
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

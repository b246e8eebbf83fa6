import { homedir } from 'node:os';

/** The user's home directory; null where HOME is not set and /etc/passwd does not know the user, as in many containers. */
export function homeDirectory(): string | null {
  try {
    return homedir() || null;
  } catch {
    return null;
  }
}

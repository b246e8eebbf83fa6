/** Of the daemon that is looked at, as long as the tab is open. */
export interface Session {
  /** Its address, with the path that a proxy has it under. */
  readonly url: string;
  readonly token: string | null;
}

const ADDRESS = 'wakegate.address';
const TOKEN = 'wakegate.token';

/** Where the page comes from: that is the daemon, or a server of files. */
const HERE = new URL('.', location.href.split('#')[0]).href;

export function readSession(): Session {
  return { url: sessionStorage.getItem(ADDRESS) ?? HERE, token: sessionStorage.getItem(TOKEN) };
}

/** Kept in this tab only, and gone with it. */
export function keepSession({ url, token }: Session): void {
  if (url === HERE) sessionStorage.removeItem(ADDRESS);
  else sessionStorage.setItem(ADDRESS, url);
  if (token === null) sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, token);
}

export function forgetSession(): void {
  sessionStorage.removeItem(ADDRESS);
  sessionStorage.removeItem(TOKEN);
}

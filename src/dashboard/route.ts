import { Signal } from './signal.js';

/** In the order of the navigation. */
export const VIEWS = ['now', 'heard', 'thresholds', 'energy', 'keywords', 'setup', 'tester'] as const;
export type ViewName = (typeof VIEWS)[number];

/** What stands behind the # of the address, which no server and no proxy sees: so it works below any path. */
export interface Route {
  readonly view: ViewName;
  /** Of the view, such as the capture that is shown; empty for none. */
  readonly detail: string;
}

export const route = new Signal<Route>(parse(location.hash));
addEventListener('hashchange', () => {
  route.value = parse(location.hash);
});

export function hrefOf(view: ViewName, detail = ''): string {
  return `#/${view}${detail && `/${encodeURIComponent(detail)}`}`;
}

/** Shows something else, without a step back to what was shown. */
export function replaceRoute(view: ViewName, detail = ''): void {
  history.replaceState(null, '', hrefOf(view, detail));
  route.value = { view, detail };
}

function parse(hash: string): Route {
  const [, name, detail = ''] = hash.split('/');
  const view = VIEWS.find((known) => known === name) ?? 'now';
  return { view, detail: decoded(detail) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

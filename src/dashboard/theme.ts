import { Signal } from './signal.js';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'wakegate.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

/** What was chosen; `auto` goes with the system. */
export const theme = new Signal<Theme>(THEMES.find((name) => name === localStorage.getItem(KEY)) ?? 'auto');

/** Counts up when colours are others, for what is painted by hand. */
export const paletteVersion = new Signal(0);

export function chooseTheme(name: Theme): void {
  localStorage.setItem(KEY, name);
  theme.value = name;
  apply();
}

export function apply(): void {
  const isDark = theme.value === 'dark' || (theme.value === 'auto' && dark.matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  paletteVersion.value++;
}

dark.addEventListener('change', apply);

/** A colour of the style sheet, such as `--accent`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The colour of the keyword of that number: eight that can be told apart, then again from the start. */
export function seriesColour(index: number): string {
  return colour(`--series-${(index % 8) + 1}`);
}

import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useDaemon } from './context.js';
import { Icon, type IconName } from './parts/icon.js';
import { MuteButton } from './parts/mute-button.js';
import { hrefOf, route, VIEWS, type ViewName } from './route.js';
import { useSignal } from './signal.js';
import { T } from './strings.js';
import { chooseTheme, THEMES, theme } from './theme.js';
import { EnergyView } from './views/energy.js';
import { HeardView } from './views/heard.js';
import { KeywordsView } from './views/keywords.js';
import { NowView } from './views/now.js';
import { SetupView } from './views/setup.js';
import { TesterView } from './views/tester.js';
import { ThresholdsView } from './views/thresholds.js';

const PAGES: Readonly<Record<ViewName, ComponentType>> = {
  now: NowView,
  heard: HeardView,
  thresholds: ThresholdsView,
  energy: EnergyView,
  keywords: KeywordsView,
  setup: SetupView,
  tester: TesterView,
};

const ICONS: Readonly<Record<ViewName, IconName>> = {
  now: 'pulse',
  heard: 'ear',
  thresholds: 'sliders',
  energy: 'bolt',
  keywords: 'words',
  setup: 'gear',
  tester: 'flask',
};

/** Navigation on the left, or at the bottom of a phone; a line on what is wrong; and the view. */
export function Shell() {
  const { view } = useSignal(route);
  const View = PAGES[view];
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${T.views[view]} · wakegate`;
    // A screen reader starts at the new view, as after a page load; not so at the first.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
    scrollTo(0, 0);
  }, [view]);
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {T.shell.skip}
      </button>
      <header class="side">
        <p class="wordmark">
          <Icon name="mark" /> wakegate
        </p>
        <nav aria-label={T.shell.views}>
          <ul>
            {VIEWS.map((name) => (
              <li key={name}>
                <a href={hrefOf(name)} aria-current={name === view ? 'page' : undefined}>
                  <Icon name={ICONS[name]} />
                  <span class="long">{T.navigation[name]}</span>
                  <span class="short">{T.shortViews[name]}</span>
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="side-foot">
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} aria-labelledby="title">
        <Banners />
        <div class="titlebar">
          <h1 id="title">{T.views[view]}</h1>
          <MuteButton />
        </div>
        <View />
      </main>
    </div>
  );
}

/** What is wrong now: no connection first, then what the daemon says. */
function Banners() {
  const { live } = useDaemon();
  const reach = useSignal(live.reach);
  const status = useSignal(live.status)!;
  return (
    <div class="banners" aria-live="polite">
      {reach === 'lost' && (
        <p class="banner lost">
          <Icon name="offline" /> {T.shell.lost}
        </p>
      )}
      {status.problems.map(({ part, problem }) => (
        <p class="banner problem" key={part}>
          <Icon name="warning" />
          <span>
            <b>{T.parts[part]}:</b> {problem}
          </span>
        </p>
      ))}
    </div>
  );
}

function ThemeSwitch() {
  const chosen = useSignal(theme);
  return (
    <fieldset class="segmented themes">
      <legend class="hidden">{T.shell.theme}</legend>
      {THEMES.map((name) => (
        <label key={name} title={T.shell.themes[name]}>
          <input type="radio" name="theme" checked={name === chosen} onChange={() => chooseTheme(name)} />
          <Icon name={name === 'auto' ? 'screen' : name === 'light' ? 'sun' : 'moon'} />
          <span class="hidden">{T.shell.themes[name]}</span>
        </label>
      ))}
    </fieldset>
  );
}

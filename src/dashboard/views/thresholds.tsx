import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { KeywordInfo, ThresholdForecast } from '../../client/index.js';
import { useDaemon } from '../context.js';
import { forecastLines } from '../forecast-text.js';
import { nameOf, score } from '../format.js';
import { Empty } from '../parts/empty.js';
import { Icon } from '../parts/icon.js';
import { attempt, say } from '../parts/toasts.js';
import { useResource } from '../resource.js';
import { hrefOf } from '../route.js';
import { placeOf, scoreAt, TICKS } from '../scale.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';
import { useSampled, useVisible } from '../visible.js';
import { PeaksPlot } from './peaks-plot.js';

/** Along the slider, which goes by odds as the scores are shown. */
const STEPS = 1000;
/** Until a slider counts as let go, where it is moved by keys. */
const LET_GO_MS = 600;
const ASK_MS = 80;
/** The gate of a noisy room closes many times a second. */
const REFRESH_MS = 1000;
/** What is not looked at yet is not asked for. */
const NEVER = new Promise<never>(() => {});

/** A slider for each keyword, with what it would have done before it is let go. */
export function ThresholdsView() {
  const { live } = useDaemon();
  const { keywords } = useSignal(live.status)!;
  if (keywords.length === 0) {
    return (
      <Empty icon="sliders" title={T.thresholds.none}>
        <a href={hrefOf('keywords')}>{T.thresholds.noneHow}</a>
      </Empty>
    );
  }
  return (
    <div class="thresholds">
      <p class="muted lead">{T.thresholds.lead}</p>
      {keywords.map((keyword, index) => (
        <Threshold key={keyword.name} keyword={keyword} index={index} />
      ))}
    </div>
  );
}

function Threshold({ keyword, index }: { keyword: KeywordInfo; index: number }) {
  const { live } = useDaemon();
  const { name, threshold, defaultThreshold } = keyword;
  const card = useRef<HTMLElement>(null);
  const isVisible = useVisible(card);
  const changes = useSampled(useSignal(live.changes), REFRESH_MS, isVisible);
  const peaks = useResource(() => (changes === null ? NEVER : live.client.peaks(name)), [name, changes]);
  /** While the slider is held; null when it stands at the threshold in use. */
  const [held, setHeld] = useState<number | null>(null);
  const shown = held ?? threshold;
  const forecast = useForecast(name, shown, changes);
  const letGo = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(letGo.current), []);
  const title = nameOf(keyword);

  const change = (next: number | null) =>
    attempt(async () => {
      await live.client.changeKeyword(name, { threshold: next });
      await live.refresh();
    });
  const set = async (next: number | null) => {
    const before = threshold === defaultThreshold ? null : threshold;
    const isDone = await change(next);
    setHeld(null);
    if (isDone) say(T.thresholds.changed(title, score(next ?? defaultThreshold)), () => change(before));
  };
  const move = (place: number) => {
    clearTimeout(letGo.current);
    setHeld(rounded(scoreAt(place)));
  };
  const release = () => {
    clearTimeout(letGo.current);
    letGo.current = setTimeout(() => {
      if (held !== null && held !== threshold) set(held);
      else setHeld(null);
    }, LET_GO_MS);
  };

  return (
    <section ref={card} class="card threshold" aria-labelledby={`threshold-${name}`}>
      <header>
        <h2 id={`threshold-${name}`}>
          <i class={`dot series-${(index % 8) + 1}`} />
          {title}
        </h2>
        <p class="threshold-value">
          <output class="number" aria-live="off">
            {score(shown)}
          </output>
          {threshold !== defaultThreshold && held === null && (
            <button type="button" class="plain small" onClick={() => set(null)}>
              <Icon name="undo" /> {T.thresholds.back(score(defaultThreshold))}
            </button>
          )}
        </p>
      </header>
      <div class="threshold-plot">
        <PeaksPlot peaks={peaks.value} threshold={threshold} shown={shown} index={index} />
        <input
          type="range"
          min={0}
          max={STEPS}
          step={1}
          value={Math.round(placeOf(shown) * STEPS)}
          aria-label={T.thresholds.slider(title)}
          aria-valuetext={score(shown)}
          onInput={({ currentTarget }) => move(Number(currentTarget.value) / STEPS)}
          onChange={release}
        />
        <div class="threshold-ticks small muted" aria-hidden="true">
          {TICKS.map((tick) => (
            <span key={tick} style={{ '--at': placeOf(tick) }}>
              {tick}
            </span>
          ))}
        </div>
      </div>
      <Forecast forecast={forecast} isHeld={held !== null} />
      {peaks.fault && <p class="fault small">{peaks.fault}</p>}
    </section>
  );
}

function Forecast({ forecast, isHeld }: { forecast: ThresholdForecast | null; isHeld: boolean }) {
  const lines = useMemo(() => (forecast ? forecastLines(forecast) : []), [forecast]);
  return (
    <dl class={isHeld ? 'forecast is-held' : 'forecast'} aria-live="polite">
      {lines.map(({ span, since, changes, detections: [now, would], unsure }) => (
        <div key={span}>
          <dt class="small muted">{T.thresholds.spans[span]}</dt>
          <dd>
            {since === null ? (
              <span class="muted">{T.thresholds.nothing}</span>
            ) : changes.length === 0 ? (
              <span class="number">{T.thresholds.detected(now)}</span>
            ) : (
              <>
                {changes.map(({ text, tone }) => (
                  <span class={`change-${tone}`} key={text}>
                    {text}
                  </span>
                ))}
                <span class="small muted number">{T.thresholds.fromTo(now, would)}</span>
              </>
            )}
            {unsure && <span class="small muted">{unsure}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Asked again as the slider moves, but not at each of its steps. */
function useForecast(name: string, threshold: number, changes: number | null): ThresholdForecast | null {
  const { live } = useDaemon();
  const [asked, setAsked] = useState(threshold);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(threshold), ASK_MS);
    return () => clearTimeout(timer);
  }, [threshold]);
  const { value } = useResource(
    () => (changes === null ? NEVER : live.client.thresholdForecast(name, asked)),
    [name, asked, changes],
  );
  return value;
}

/** As many digits as tell thresholds apart. */
function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useDaemon } from '../context.js';
import { decibels, nameOf, score } from '../format.js';
import { Canvas } from '../parts/canvas.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';
import { StripHistory } from '../strip-history.js';
import { seriesColour } from '../theme.js';
import { paintStrip, type Strip } from './paint-strip.js';

/** No scores for so long mean that no sound comes. */
const SILENT_MS = 2000;
/** For those who want less motion, and for the numbers, which nobody reads ten times a second. */
const CALM_MS = 1000;
const NUMBERS_MS = 250;
const NO_VALUE = '–';

/** Sound, gate and keywords over the last minute, running from right to left. */
export function Strips() {
  const { live } = useDaemon();
  const status = useSignal(live.status)!;
  const history = useMemo(() => new StripHistory(), []);
  const repaints = useMemo(() => new Set<() => void>(), []);
  const values = useRef(new Map<string, HTMLElement>());
  const silent = useRef<HTMLParagraphElement>(null);
  const noise = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const calm = matchMedia('(prefers-reduced-motion: reduce)');
    let [paintedMs, numberedMs] = [0, 0];
    let frame = 0;
    const show = () => {
      frame = 0;
      const now = performance.now();
      if (calm.matches && now - paintedMs < CALM_MS) return;
      paintedMs = now;
      for (const repaint of repaints) repaint();
    };
    const silence = () => {
      if (silent.current) silent.current.hidden = false;
      // What was last is no more.
      for (const element of values.current.values()) write(element, NO_VALUE);
    };
    let silenceTimer = setTimeout(silence, SILENT_MS);
    const end = live.watchScores((scores) => {
      history.take(scores);
      frame ||= requestAnimationFrame(show);
      clearTimeout(silenceTimer);
      silenceTimer = setTimeout(silence, SILENT_MS);
      if (silent.current) silent.current.hidden = true;
      const now = performance.now();
      if (now - numberedMs < NUMBERS_MS) return;
      numberedMs = now;
      write(values.current.get('level'), decibels(scores.dbfs));
      write(values.current.get('gate'), score(scores.gate.score));
      write(noise.current, scores.noiseDbfs === null ? '' : T.now.levelHow(decibels(scores.noiseDbfs)));
      for (const [name, element] of values.current) {
        if (name.startsWith('keyword ')) write(element, scoreText(scores.posteriors?.[name.slice(8)]));
      }
    });
    const endDetections = live.watchDetections((detection) => history.detected(detection));
    return () => {
      end();
      endDetections();
      clearTimeout(silenceTimer);
      cancelAnimationFrame(frame);
    };
  }, []);

  const numberOf = (key: string) => (element: HTMLElement | null) => {
    if (element) values.current.set(key, element);
    else values.current.delete(key);
  };
  const row = (key: string, name: string, how: string, strip: Strip, size: string) => (
    <div class={`strip ${size}`} key={key}>
      <div class="strip-name">
        <b>{name}</b>
        <span class="muted small" ref={key === 'level' ? noise : null}>
          {how}
        </span>
      </div>
      <Canvas
        label={T.now.stripName(name)}
        paint={(context, width, height) => paintStrip(context, width, height, history, strip)}
        onReady={(repaint) => {
          repaints.add(repaint);
          return () => repaints.delete(repaint);
        }}
      />
      <output class="strip-value" ref={numberOf(key)} aria-live="off" aria-label={name}>
        {NO_VALUE}
      </output>
    </div>
  );
  const { gate, keywords } = status;
  return (
    <section class="card strips" aria-labelledby="strips-title">
      <header>
        <h2 id="strips-title">{T.now.strips}</h2>
        <Legend />
      </header>
      {row('level', T.now.level, '', { kind: 'level' }, 'tall')}
      {row(
        'gate',
        T.now.gateScore,
        T.now.opensAt(score(gate.threshold)),
        { kind: 'gate', threshold: gate.threshold },
        'tall',
      )}
      {keywords.map((keyword, index) =>
        row(
          `keyword ${keyword.name}`,
          nameOf(keyword),
          keyword.enabled ? T.now.detectedAt(score(keyword.threshold)) : T.now.keywordOff,
          {
            kind: 'keyword',
            name: keyword.name,
            threshold: keyword.threshold,
            colour: () => seriesColour(index),
          },
          '',
        ),
      )}
      <div class="strip-axis muted small" aria-hidden="true">
        {[60, 45, 30, 15, 0].map((seconds) => (
          <span key={seconds}>{T.now.secondsAgo(seconds)}</span>
        ))}
      </div>
      <p class="strips-silent muted" ref={silent} hidden role="status">
        {T.now.noSound}
      </p>
    </section>
  );
}

function Legend() {
  const { legend } = T.now;
  return (
    <ul class="legend small muted" aria-hidden="true">
      <li>
        <i class="key open" /> {legend.open}
      </li>
      <li>
        <i class="key threshold" /> {legend.threshold}
      </li>
      <li>
        <i class="key detection" /> {legend.detection}
      </li>
      <li>
        <i class="key refused" /> {legend.refused}
      </li>
    </ul>
  );
}

function scoreText(value: number | undefined): string {
  return value === undefined ? NO_VALUE : score(value);
}

function write(element: HTMLElement | null | undefined, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

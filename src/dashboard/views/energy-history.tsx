import { useState } from 'preact/hooks';
import type { EnergyHistory, StageName } from '../../client/index.js';
import { STAGES } from '../../protocol/index.js';
import { useDaemon } from '../context.js';
import { clockTime } from '../format.js';
import { Canvas } from '../parts/canvas.js';
import { Empty } from '../parts/empty.js';
import { Loading } from '../parts/loading.js';
import { useResource } from '../resource.js';
import { T } from '../strings.js';
import { colour } from '../theme.js';

const SPANS = ['minute', 'hour', 'day'] as const;
/** Steps in a whole one; the newest is on the right. */
const STEPS = { minute: 6, hour: 60, day: 144 } as const;
const GAP = 1;
const AXIS = 18;

/** What each stage took over the last minute, hour or day, in steps of time. */
export function EnergyHistoryCard() {
  const { live } = useDaemon();
  const [span, setSpan] = useState<(typeof SPANS)[number]>('hour');
  const history = useResource(() => live.client.energyHistory(span), [span]);
  const { value } = history;
  return (
    <section class="card" aria-labelledby="history-title">
      <header>
        <h2 id="history-title">{T.energy.history}</h2>
        <fieldset class="segmented">
          <legend class="hidden">{T.energy.span}</legend>
          {SPANS.map((each) => (
            <label key={each}>
              <input type="radio" name="history" checked={each === span} onChange={() => setSpan(each)} />
              {T.energy.historySpans[each]}
            </label>
          ))}
        </fieldset>
      </header>
      {value === null ? (
        <Loading resource={history} />
      ) : value.buckets.length === 0 ? (
        <Empty icon="bolt" title={T.energy.noHistory} />
      ) : (
        <>
          <Canvas
            class="history"
            label={T.energy.historyName(value.buckets.length)}
            paint={(context, width, height) => paintHistory(context, width, height, value)}
          />
          <div class="timeline-axis history-axis small muted">
            <span>{value.buckets.length > 1 && clockTime(value.buckets[0].time)}</span>
            <span>{clockTime(value.buckets.at(-1)!.time)}</span>
          </div>
        </>
      )}
    </section>
  );
}

/** Bars of CPU time in a second, stage upon stage, and a mark where an always-on classifier would be. */
function paintHistory(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { span, buckets }: EnergyHistory,
): void {
  const rate = (ms: number, seconds: number) => (seconds > 0 ? ms / seconds : 0);
  const highest = Math.max(
    ...buckets.map(({ total, seconds, alwaysOnCpuMs }) =>
      rate(Math.max(total.cpuMs, alwaysOnCpuMs ?? 0), seconds),
    ),
    1,
  );
  const y = (value: number) => height - (value / highest) * (height - AXIS);
  const step = width / Math.max(STEPS[span], buckets.length);
  const x = (at: number) => width - (buckets.length - at) * step;
  const inks = new Map<StageName, string>(STAGES.map((stage) => [stage, colour(INKS[stage])]));
  for (const [at, { stages, seconds, alwaysOnCpuMs }] of buckets.entries()) {
    let sum = 0;
    for (const stage of STAGES) {
      const value = rate(stages[stage].cpuMs, seconds);
      context.fillStyle = inks.get(stage)!;
      context.fillRect(x(at), y(sum + value), Math.max(1, step - GAP), y(sum) - y(sum + value));
      sum += value;
    }
    if (alwaysOnCpuMs === null || alwaysOnCpuMs === 0) continue;
    context.fillStyle = colour('--line-strong');
    context.fillRect(x(at), y(rate(alwaysOnCpuMs, seconds)) - 1, Math.max(1, step - GAP), 2);
  }
  context.fillStyle = colour('--muted');
  context.font = '12px system-ui, sans-serif';
  context.fillText(T.energy.perSecond(highest.toFixed(highest < 10 ? 1 : 0)), 0, 12);
}

const INKS: Readonly<Record<StageName, string>> = {
  capture: '--series-6',
  features: '--series-1',
  gate: '--gate',
  handoff: '--series-8',
  classifier: '--series-3',
  secondLook: '--series-4',
};

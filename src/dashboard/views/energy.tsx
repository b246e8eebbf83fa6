import { useEffect, useState } from 'preact/hooks';
import type { Energy, EnergyAccount, StageName } from '../../client/index.js';
import { STAGES } from '../../protocol/index.js';
import { useDaemon } from '../context.js';
import { bytes, clockTime, duration, energy, milliseconds, nameOf, percent } from '../format.js';
import { Empty } from '../parts/empty.js';
import { Loading } from '../parts/loading.js';
import { useResource } from '../resource.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';
import { EnergyHistoryCard } from './energy-history.js';

const SPANS = ['minute', 'hour', 'all'] as const;
type Span = (typeof SPANS)[number];

const EVERY_MS = 5000;

/** What listening takes, stage by stage, and what it would take without the gate. */
export function EnergyView() {
  const { live } = useDaemon();
  const account = useResource(() => live.client.energy(), []);
  const [span, setSpan] = useState<Span>('hour');
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && account.reload(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const status = useSignal(live.status)!;
  if (account.value === null) return <Loading resource={account} />;
  const [shown, seconds] = pick(account.value, span, status.uptimeSeconds);
  return (
    <div class="energy">
      <section class="card" aria-labelledby="account-title">
        <header>
          <h2 id="account-title">{T.energy.account}</h2>
          <fieldset class="segmented">
            <legend class="hidden">{T.energy.span}</legend>
            {SPANS.map((each) => (
              <label key={each}>
                <input type="radio" name="span" checked={each === span} onChange={() => setSpan(each)} />
                {T.energy.spans[each]}
              </label>
            ))}
          </fieldset>
        </header>
        <Saving account={shown} />
        <Bars account={shown} />
        <StageTable account={shown} seconds={seconds} />
        <details class="basis">
          <summary>{T.energy.basis(shown.basis.name)}</summary>
          <p class="muted">{shown.basis.how}</p>
          {shown.saved && <p class="muted">{shown.saved.how}</p>}
          {shown.clock === 'wall' && <p class="muted">{T.energy.wall}</p>}
        </details>
      </section>
      <EnergyHistoryCard />
      <Costs />
    </div>
  );
}

function pick(all: Energy, span: Span, uptimeSeconds: number): [EnergyAccount, number] {
  if (span === 'minute') return [all.lastMinute, all.lastMinute.seconds];
  if (span === 'hour') return [all.lastHour, all.lastHour.seconds];
  return [all, uptimeSeconds];
}

/** The one number that says what the gate is for. */
function Saving({ account: { saved } }: { account: EnergyAccount }) {
  if (saved === null || saved.alwaysOnCpuMs === 0) return <p class="saving muted">{T.energy.notYet}</p>;
  const share = 1 - saved.cpuMs / saved.alwaysOnCpuMs;
  if (share <= 0) return <p class="saving muted">{T.energy.costMore}</p>;
  return (
    <p class="saving">
      <strong>{percent(share)}</strong> <span>{T.energy.saved(energy(saved.energyMj))}</span>
    </p>
  );
}

/** Two bars to one scale: what was spent, stage by stage, and what an always-on classifier would have spent. */
function Bars({ account: { stages, total, saved } }: { account: EnergyAccount }) {
  const alwaysOn = saved?.alwaysOnCpuMs ?? 0;
  const longest = Math.max(total.cpuMs, alwaysOn, 1e-9);
  return (
    <div class="bars" aria-hidden="true">
      <span class="small muted">{T.energy.withGate}</span>
      <div class="stack">
        {STAGES.map((stage) => (
          <i
            key={stage}
            class={`stage-${stage}`}
            style={{ width: `${(stages[stage].cpuMs / longest) * 100}%` }}
          />
        ))}
      </div>
      {saved && (
        <>
          <span class="small muted">{T.energy.alwaysOn}</span>
          <div class="stack">
            <i class="stage-always" style={{ width: `${(alwaysOn / longest) * 100}%` }} />
          </div>
        </>
      )}
    </div>
  );
}

function StageTable({ account: { stages, total }, seconds }: { account: EnergyAccount; seconds: number }) {
  const perSecond = (ms: number) => (seconds > 0 ? `${(ms / seconds).toFixed(2)} ms/s` : '–');
  const row = (stage: StageName) => {
    const { cpuMs, energyMj } = stages[stage];
    return (
      <tr key={stage}>
        <th scope="row">
          <i class={`swatch stage-${stage}`} />
          {T.energy.stages[stage]}
        </th>
        <td>{perSecond(cpuMs)}</td>
        <td>{energy(energyMj)}</td>
        <td>{total.cpuMs > 0 ? percent(cpuMs / total.cpuMs) : '–'}</td>
      </tr>
    );
  };
  return (
    <div class="scroll">
      <table class="numbers">
        <caption class="small muted">{T.energy.over(duration(seconds))}</caption>
        <thead>
          <tr>
            <th scope="col">{T.energy.stage}</th>
            <th scope="col">{T.energy.cpu}</th>
            <th scope="col">{T.energy.energy}</th>
            <th scope="col">{T.energy.share}</th>
          </tr>
        </thead>
        <tbody>{STAGES.map(row)}</tbody>
        <tfoot>
          <tr>
            <th scope="row">{T.energy.total}</th>
            <td>{perSecond(total.cpuMs)}</td>
            <td>{energy(total.energyMj)}</td>
            <td />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** What each word took: from the opening of the gate until it was detected. */
function Costs() {
  const { live } = useDaemon();
  const detections = useSignal(live.detections).filter(({ cost }) => cost !== null);
  const most = Math.max(...detections.map(({ cost }) => cost!.cpuMs), 1);
  return (
    <section class="card" aria-labelledby="costs-title">
      <header>
        <h2 id="costs-title">{T.energy.costs}</h2>
        <span class="small muted">{T.energy.costsHow}</span>
      </header>
      {detections.length === 0 ? (
        <Empty icon="bolt" title={T.now.none} />
      ) : (
        <ul class="costs">
          {detections.slice(0, 10).map(({ sequence, keyword, label, heardAt, cost }) => (
            <li key={sequence}>
              <span>
                <b>{nameOf({ name: keyword, label })}</b>{' '}
                <span class="small muted number">{clockTime(heardAt)}</span>
              </span>
              <meter class="bar" min={0} max={most} value={cost!.cpuMs} aria-hidden="true" />
              <span class="number" title={cost!.basis}>
                {energy(cost!.energyMj)}
              </span>
              <span class="small muted number">
                {T.energy.took(milliseconds(cost!.cpuMs), cost!.handoffs, bytes(cost!.bytes))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

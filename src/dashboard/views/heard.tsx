import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Capture, Captures, Label } from '../../client/index.js';
import { labelOf, SHOWN_LABELS, shownLabel } from '../capture-label.js';
import { useDaemon } from '../context.js';
import { ago, bytes, count, dayAndTime, nameOf, score } from '../format.js';
import { ConfirmButton } from '../parts/confirm-button.js';
import { Empty } from '../parts/empty.js';
import { Icon } from '../parts/icon.js';
import { Loading } from '../parts/loading.js';
import { attempt, say } from '../parts/toasts.js';
import { useResource } from '../resource.js';
import { replaceRoute, route } from '../route.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';
import { CaptureDetail } from './capture-detail.js';
import { CapturesSwitch } from './captures-switch.js';

const KINDS = ['all', 'detection', 'near-miss'] as const;
const LABELS = ['all', ...SHOWN_LABELS] as const;
/** A clip is there when some sound after the word has come too. */
const CLIP_MS = 2500;

interface Filter {
  readonly kind: (typeof KINDS)[number];
  readonly label: (typeof LABELS)[number];
  /** Empty for all. */
  readonly keyword: string;
}

/** Clips of what was detected, and of what nearly was: to listen to, and to say what they are. */
export function HeardView() {
  const { live } = useDaemon();
  const changes = useSignal(live.changes);
  const { detail } = useSignal(route);
  const captures = useResource(() => live.client.captures(), [changes]);
  useEffect(() => {
    const timer = setTimeout(captures.reload, CLIP_MS);
    return () => clearTimeout(timer);
  }, [changes]);
  const [filter, setFilter] = useState<Filter>({ kind: 'all', label: 'all', keyword: '' });
  const { value } = captures;
  const shown = useMemo(
    () => value?.captures.filter((capture) => fits(capture, filter)) ?? [],
    [value, filter],
  );
  const isWide = useIsWide();
  const selected = shown.find(({ id }) => id === detail) ?? (isWide ? shown[0] : undefined);

  // What is looked at stays, though newer ones come.
  useEffect(() => {
    if (isWide && selected && selected.id !== detail) replaceRoute('heard', selected.id);
  }, [isWide, selected?.id, detail]);

  const update = (changed: Capture) => {
    if (value === null) return;
    const list = value.captures.map((capture) => (capture.id === changed.id ? changed : capture));
    captures.put({ ...value, captures: list });
  };
  const label = (capture: Capture, next: Label) =>
    attempt(async () => {
      const before = labelOf(capture);
      update(await live.client.labelCapture(capture.id, next));
      say(T.heard.labelled(T.heard.labels[shownLabel({ ...capture, label: next.label })]), () =>
        attempt(async () => update(await live.client.labelCapture(capture.id, before))),
      );
    });
  const go = (step: number) => {
    const at = shown.findIndex(({ id }) => id === selected?.id);
    const next = shown[Math.min(shown.length - 1, Math.max(0, at + step))];
    if (next) replaceRoute('heard', next.id);
  };
  const remove = (capture: Capture) =>
    attempt(async () => {
      await live.client.removeCaptures(capture.id);
      go(shown.at(-1)?.id === capture.id ? -1 : 1);
      if (value) captures.put({ ...value, captures: value.captures.filter(({ id }) => id !== capture.id) });
      if (shown.length <= 1) replaceRoute('heard');
    });
  const removeAll = () =>
    attempt(async () => {
      await live.client.removeCaptures();
      replaceRoute('heard');
      captures.reload();
    });

  if (value === null) return <Loading resource={captures} />;
  if (!value.enabled && value.captures.length === 0) {
    return <CapturesSwitch captures={value} onChange={captures.put} />;
  }
  return (
    <div class="heard">
      {!value.enabled && <CapturesSwitch captures={value} onChange={captures.put} />}
      {value.fault && (
        <p class="banner problem">
          <Icon name="warning" /> {value.fault}
        </p>
      )}
      <div class={`heard-columns ${selected && !isWide ? 'has-detail' : ''}`}>
        <section class="card heard-list" aria-labelledby="heard-list-title">
          <header>
            <h2 id="heard-list-title">{T.heard.clips(count(shown.length))}</h2>
            {value.captures.length > 0 && (
              <ConfirmButton
                icon="trash"
                text={T.heard.removeAll}
                really={T.heard.reallyAll}
                onConfirm={removeAll}
              />
            )}
          </header>
          <Filters captures={value} filter={filter} onChange={setFilter} />
          {shown.length === 0 ? (
            <Empty icon="ear" title={value.captures.length === 0 ? T.heard.none : T.heard.noneFit}>
              {value.captures.length === 0 ? T.heard.noneHow : T.heard.noneFitHow}
            </Empty>
          ) : (
            <ul>
              {shown.map((capture) => (
                <Item key={capture.id} capture={capture} isSelected={capture.id === selected?.id} />
              ))}
            </ul>
          )}
        </section>
        {selected && (
          <CaptureDetail
            key={selected.id}
            capture={selected}
            onLabel={(next) => label(selected, next)}
            onRemove={() => remove(selected)}
            onGo={go}
          />
        )}
      </div>
    </div>
  );
}

function Item({ capture, isSelected }: { capture: Capture; isSelected: boolean }) {
  const { live } = useDaemon();
  const { keywords } = useSignal(live.status)!;
  const index = keywords.findIndex(({ name }) => name === capture.keyword);
  const keyword = keywords[index] ?? { name: capture.keyword, label: capture.keyword };
  return (
    <li>
      <a
        href={`#/heard/${capture.id}`}
        class="heard-item"
        aria-current={isSelected ? 'true' : undefined}
        onClick={(event) => {
          event.preventDefault();
          replaceRoute('heard', capture.id);
        }}
      >
        <span class="heard-word">
          <i class={`dot series-${(Math.max(0, index) % 8) + 1}`} />
          {nameOf(keyword)}
        </span>
        <span class="number">{score(capture.score)}</span>
        <span class="small muted" title={dayAndTime(capture.heardAt)}>
          {T.heard.kinds[capture.kind]}, {ago(capture.heardAt)}
        </span>
        <span class={`tag tag-${shownLabel(capture)}`}>
          {capture.label && T.heard.labels[shownLabel(capture)]}
        </span>
      </a>
    </li>
  );
}

interface FiltersProps {
  readonly captures: Captures;
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

function Filters({ captures, filter, onChange }: FiltersProps) {
  const names = [...new Set(captures.captures.map(({ keyword }) => keyword))].sort();
  return (
    <div class="filters">
      <select
        aria-label={T.heard.filterKind}
        value={filter.kind}
        onChange={({ currentTarget }) => onChange({ ...filter, kind: currentTarget.value as Filter['kind'] })}
      >
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {T.heard.kindFilter[kind]}
          </option>
        ))}
      </select>
      <select
        aria-label={T.heard.filterLabel}
        value={filter.label}
        onChange={({ currentTarget }) =>
          onChange({ ...filter, label: currentTarget.value as Filter['label'] })
        }
      >
        {LABELS.map((label) => (
          <option key={label} value={label}>
            {T.heard.labelFilter[label]}
          </option>
        ))}
      </select>
      <select
        aria-label={T.heard.filterKeyword}
        value={filter.keyword}
        onChange={({ currentTarget }) => onChange({ ...filter, keyword: currentTarget.value })}
      >
        <option value="">{T.heard.allKeywords}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
      <p class="small muted filters-sum">
        {T.heard.keptAtMost(
          bytes(captures.captures.reduce((sum, capture) => sum + capture.bytes, 0)),
          bytes(captures.limits.bytes),
        )}
      </p>
    </div>
  );
}

function fits(capture: Capture, { kind, label, keyword }: Filter): boolean {
  return (
    (kind === 'all' || capture.kind === kind) &&
    (label === 'all' || shownLabel(capture) === label) &&
    (keyword === '' || capture.keyword === keyword)
  );
}

function useIsWide(): boolean {
  const query = useMemo(() => matchMedia('(min-width: 821px)'), []);
  const [isWide, setWide] = useState(query.matches);
  useEffect(() => {
    const look = () => setWide(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, []);
  return isWide;
}

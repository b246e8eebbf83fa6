import { useState } from 'preact/hooks';
import type { KeywordInfo, KeywordJob } from '../../client/index.js';
import { useDaemon } from '../context.js';
import { nameOf, score } from '../format.js';
import { ConfirmButton } from '../parts/confirm-button.js';
import { Empty } from '../parts/empty.js';
import { Icon } from '../parts/icon.js';
import { Switch } from '../parts/switch.js';
import { attempt, say } from '../parts/toasts.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';
import { type Draft, KeywordAdd } from './keyword-add.js';

/** What is listened for: on and off, and new ones. */
export function KeywordsView() {
  const { live } = useDaemon();
  const { keywords } = useSignal(live.status)!;
  const jobs = useSignal(live.jobs);
  const [draft, setDraft] = useState<Draft | null>(null);
  return (
    <div class="keywords">
      <section class="card" aria-labelledby="keywords-title">
        <header>
          <h2 id="keywords-title">{T.keywords.listened}</h2>
          {draft === null && (
            <button type="button" class="primary" onClick={() => setDraft({ phrase: '', name: null })}>
              <Icon name="plus" /> {T.keywords.add}
            </button>
          )}
        </header>
        {keywords.length === 0 ? (
          <Empty icon="words" title={T.thresholds.none} />
        ) : (
          <ul class="keyword-list">
            {keywords.map((keyword, index) => (
              <KeywordRow
                key={keyword.name}
                keyword={keyword}
                index={index}
                onImprove={(phrase) => setDraft({ phrase, name: keyword.name })}
              />
            ))}
          </ul>
        )}
      </section>
      <div class="keyword-side">
        {jobs.map((job) => (
          <JobCard key={job.name} job={job} />
        ))}
        {draft && <KeywordAdd key={draft.name} draft={draft} onDone={() => setDraft(null)} />}
        {draft === null && jobs.length === 0 && (
          <section class="card" aria-labelledby="own-title">
            <h2 id="own-title">{T.keywords.own}</h2>
            <p class="muted">{T.keywords.ownHow}</p>
          </section>
        )}
      </div>
    </div>
  );
}

interface KeywordRowProps {
  readonly keyword: KeywordInfo;
  readonly index: number;
  readonly onImprove: (phrase: string) => void;
}

function KeywordRow({ keyword, index, onImprove }: KeywordRowProps) {
  const { live } = useDaemon();
  const { name, enabled, threshold, own } = keyword;
  const title = nameOf(keyword);
  const change = (isOn: boolean) =>
    attempt(async () => {
      await live.client.changeKeyword(name, { enabled: isOn });
      await live.refresh();
    });
  const remove = () =>
    attempt(async () => {
      await live.client.removeKeyword(name);
      await live.refresh();
      say(T.keywords.removed(title));
    });
  return (
    <li class={enabled ? 'keyword' : 'keyword is-off'}>
      <Switch isOn={enabled} onChange={change} label={T.keywords.listenFor(title)} />
      <div>
        <b>
          <i class={`dot series-${(index % 8) + 1}`} />
          {title}
        </b>
        {own && <span class="badge">{T.keywords.yours}</span>}
        <p class="small muted">
          {T.now.detectedAt(score(threshold))}
          {own && forecastText(own.forecast) && `. ${forecastText(own.forecast)}`}
        </p>
      </div>
      {own && (
        <div class="keyword-actions">
          <button type="button" onClick={() => onImprove(own.phrase)}>
            <Icon name="improve" /> {T.keywords.improve}
          </button>
          <ConfirmButton icon="trash" text={T.keywords.remove} really={T.heard.really} onConfirm={remove} />
        </div>
      )}
    </li>
  );
}

/** Of what the keyword's file expects, the two numbers that matter. */
function forecastText(forecast: Readonly<Record<string, unknown>>): string | null {
  const { falseAccepts, missed } = forecast as {
    falseAccepts?: { count?: number; hours?: number };
    missed?: { share?: number };
  };
  const parts = [
    typeof missed?.share === 'number' && T.keywords.forecastMisses(Math.round(missed.share * 100)),
    typeof falseAccepts?.count === 'number' &&
      typeof falseAccepts.hours === 'number' &&
      T.keywords.forecastFalseAccepts(falseAccepts.count, Math.round(falseAccepts.hours)),
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : parts.join(', ');
}

/** How far a keyword is, or what came of it. */
function JobCard({ job }: { job: KeywordJob }) {
  const { live } = useDaemon();
  const { name, phrase, state, stage, done, of, problem, advice } = job;
  const isOver = state === 'done' || state === 'failed';
  const dismiss = () => {
    live.jobs.value = live.jobs.value.filter((other) => other.name !== name);
  };
  return (
    <section class={`card job job-${state}`} aria-labelledby={`job-${name}`}>
      <header>
        <h2 id={`job-${name}`}>{phrase}</h2>
        {isOver && (
          <button type="button" class="plain round" aria-label={T.close} onClick={dismiss}>
            <Icon name="cross" />
          </button>
        )}
      </header>
      <p role="status" class={state === 'failed' ? 'fault' : ''}>
        {state === 'failed'
          ? problem
          : state === 'done'
            ? T.keywords.made
            : T.keywords.stages[stage ?? 'queued']}
      </p>
      {!isOver && (
        <progress aria-label={T.keywords.progress(phrase)} max={of} value={stage ? done : undefined} />
      )}
      {state === 'done' && advice.length > 0 && (
        <ul class="points">
          {advice.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

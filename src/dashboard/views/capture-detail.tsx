import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Capture, Label } from '../../client/index.js';
import { shownLabel } from '../capture-label.js';
import { useDaemon } from '../context.js';
import { ago, dayAndTime, nameOf, score } from '../format.js';
import { ConfirmButton } from '../parts/confirm-button.js';
import { Icon } from '../parts/icon.js';
import { Loading } from '../parts/loading.js';
import { Timeline } from '../parts/timeline.js';
import { useResource } from '../resource.js';
import { hrefOf } from '../route.js';
import { useSignal } from '../signal.js';
import { usePlayer } from '../sound/player.js';
import { decode } from '../sound/wav.js';
import { T } from '../strings.js';
import { byHighestScore } from '../track.js';

/** Of the keywords, the ones that were likeliest. */
const MOST_SHOWN = 3;
const PICTURES = ['spectrogram', 'waveform'] as const;

interface CaptureDetailProps {
  readonly capture: Capture;
  readonly onLabel: (label: Label) => void;
  readonly onRemove: () => void;
  /** To the next clip, or the one before. */
  readonly onGo: (step: number) => void;
}

/** One clip: how it sounds, what was thought of it, and what it was. */
export function CaptureDetail({ capture, onLabel, onRemove, onGo }: CaptureDetailProps) {
  const { live } = useDaemon();
  const { keywords } = useSignal(live.status)!;
  const [picture, setPicture] = useState<(typeof PICTURES)[number]>('spectrogram');
  const [isOther, setOther] = useState(false);
  const clip = useResource(async () => {
    const file = await live.client.captureAudio(capture.id);
    return { file, sound: await decode(file) };
  }, [capture.id]);
  const track = useResource(() => live.trackOf(capture.id), [capture.id]);
  const player = usePlayer(clip.value?.file ?? null);
  const isPlaying = useSignal(player.isPlaying);
  const shownKeywords = useMemo(() => {
    const likeliest = track.value ? byHighestScore(track.value).map(({ name }) => name) : [];
    const names = [...new Set([capture.keyword, ...likeliest])].slice(0, MOST_SHOWN);
    return names.map((name) => {
      const index = keywords.findIndex((keyword) => keyword.name === name);
      return { name, label: keywords[index]?.label ?? name, index: Math.max(0, index) };
    });
  }, [track.value, capture.keyword, keywords]);
  const name = nameOf(
    keywords.find((keyword) => keyword.name === capture.keyword) ?? {
      name: capture.keyword,
      label: capture.keyword,
    },
  );
  const isMiss = capture.kind === 'near-miss';

  const actions: Readonly<Record<string, () => void>> = {
    r: () => !isMiss && onLabel({ label: 'right' }),
    m: () => isMiss && onLabel({ label: 'right' }),
    w: () => onLabel({ label: 'wrong' }),
    o: () => setOther(true),
    u: () => onLabel({ label: null }),
    ' ': () => player.toggle(),
    j: () => onGo(1),
    k: () => onGo(-1),
    ArrowDown: () => onGo(1),
    ArrowUp: () => onGo(-1),
  };
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      if (ctrlKey || metaKey || altKey || isTakenBy(target as Element, key)) return;
      const action = latest.current[key.length === 1 ? key.toLowerCase() : key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);

  return (
    <section class="card detail" aria-labelledby="detail-title">
      <a class="back" href={hrefOf('heard')}>
        {T.heard.back}
      </a>
      <header>
        <div>
          <h2 id="detail-title">
            {name} <span class="muted number">{score(capture.score)}</span>
          </h2>
          <p class="small muted">
            {T.heard.kinds[capture.kind]}, {dayAndTime(capture.heardAt)} ({ago(capture.heardAt)})
          </p>
        </div>
        <fieldset class="segmented">
          <legend class="hidden">{T.heard.picture}</legend>
          {PICTURES.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="picture"
                checked={each === picture}
                onChange={() => setPicture(each)}
              />
              {T.heard.pictures[each]}
            </label>
          ))}
        </fieldset>
      </header>
      {clip.value === null ? (
        <Loading resource={clip} />
      ) : (
        <>
          <Timeline
            seconds={capture.seconds}
            sound={clip.value.sound}
            picture={picture}
            track={track.value}
            keywords={shownKeywords}
            player={player}
          />
          {track.fault && <p class="small fault">{track.fault}</p>}
          <div class="detail-actions">
            <button type="button" class="primary play" onClick={() => player.toggle()}>
              <Icon name={isPlaying ? 'pause' : 'play'} /> {isPlaying ? T.heard.pause : T.heard.play}
            </button>
            <LabelButtons capture={capture} onLabel={onLabel} onOther={() => setOther(!isOther)} />
          </div>
        </>
      )}
      {isOther && (
        <OtherWord
          word={capture.word ?? ''}
          onDone={(word) => {
            setOther(false);
            if (word !== null) onLabel({ label: 'other', word });
          }}
        />
      )}
      <footer class="detail-foot">
        <p class="small muted keys">
          <kbd>{T.heard.keyPlay}</kbd> {T.heard.keysPlay} <kbd>J</kbd> <kbd>K</kbd> {T.heard.keysGo}{' '}
          <kbd>U</kbd> {T.heard.keysUndo}
        </p>
        <ConfirmButton icon="trash" text={T.heard.remove} really={T.heard.really} onConfirm={onRemove} />
      </footer>
    </section>
  );
}

interface LabelButtonsProps {
  readonly capture: Capture;
  readonly onLabel: (label: Label) => void;
  readonly onOther: () => void;
}

function LabelButtons({ capture, onLabel, onOther }: LabelButtonsProps) {
  const isMiss = capture.kind === 'near-miss';
  const current = shownLabel(capture);
  const button = (
    label: typeof current,
    key: string,
    press: () => void,
    text: string = T.heard.labels[label],
  ) => (
    <button type="button" class={`label label-${label}`} aria-pressed={current === label} onClick={press}>
      {text} <kbd>{key}</kbd>
    </button>
  );
  return (
    <fieldset class="labels">
      <legend class="hidden">{T.heard.whatWasIt}</legend>
      {isMiss
        ? button('missed', 'M', () => onLabel({ label: 'right' }))
        : button('right', 'R', () => onLabel({ label: 'right' }))}
      {button(
        'wrong',
        'W',
        () => onLabel({ label: 'wrong' }),
        isMiss ? T.heard.rightlyStopped : T.heard.labels.wrong,
      )}
      {button('other', 'O', onOther, capture.word ?? T.heard.labels.other)}
    </fieldset>
  );
}

function OtherWord({ word, onDone }: { word: string; onDone: (word: string | null) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      class="other"
      onSubmit={(event) => {
        event.preventDefault();
        const said = field.current!.value.trim();
        onDone(said === '' ? null : said);
      }}
      onKeyDown={(event) => event.key === 'Escape' && onDone(null)}
    >
      <label>
        {T.heard.otherWord}
        <input ref={field} type="text" defaultValue={word} maxLength={100} />
      </label>
      <button type="submit" class="primary">
        {T.heard.save}
      </button>
    </form>
  );
}

/** Whether what has the focus does something of its own at that key. */
function isTakenBy(target: Element, key: string): boolean {
  if (target.matches('input:not([type="range"], [type="radio"]), select, textarea')) return true;
  if (key === ' ') return target.matches('button, summary, a');
  return key.startsWith('Arrow') && target.matches('input');
}

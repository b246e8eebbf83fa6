import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ModelInfo } from '../../client/index.js';
import { useDaemon } from '../context.js';
import { bytes, milliseconds, nameOf, percent, score } from '../format.js';
import { Icon } from '../parts/icon.js';
import { Loading } from '../parts/loading.js';
import { Timeline } from '../parts/timeline.js';
import { useResource } from '../resource.js';
import { placeOf, scoreAt } from '../scale.js';
import { useSignal } from '../signal.js';
import { type Player, usePlayer } from '../sound/player.js';
import { decode, type Sound } from '../sound/wav.js';
import { T } from '../strings.js';
import { byHighestScore, type Heard, type How, hear } from '../track.js';
import { TesterInput } from './tester-input.js';

/** Rows of keywords where fewer were detected. */
const LEAST_SHOWN = 4;
const STEPS = 1000;
const LET_GO_MS = 250;

/** A file, or what is said now, as the daemon would hear it: with the gate, the scores, and a second way to compare. */
export function TesterView() {
  const [file, setFile] = useState<File | null>(null);
  return (
    <div class="tester">
      <TesterInput onFile={setFile} />
      {file && <Result key={`${file.name} ${file.lastModified}`} file={file} />}
    </div>
  );
}

type Other =
  | { readonly kind: 'none' }
  | { readonly kind: 'pack'; readonly id: string }
  | { readonly kind: 'threshold' };

function Result({ file }: { file: File }) {
  const { live } = useDaemon();
  const sound = useResource(() => decode(file), [file]);
  const models = useResource(() => live.client.models(), []);
  const player = usePlayer(file);
  const isPlaying = useSignal(player.isPlaying);
  const [other, setOther] = useState<Other>({ kind: 'none' });
  const [threshold, setThreshold] = useState(0.9);
  const { keywords } = useSignal(live.status)!;
  const packs = (models.value ?? []).filter(({ inUse, problem }) => !inUse && problem === null);
  const way: How | null = useMemo(() => {
    if (other.kind === 'none') return null;
    if (other.kind === 'pack') return { model: other.id };
    return { thresholds: Object.fromEntries(keywords.map(({ name }) => [name, threshold])) };
  }, [other, threshold]);
  return (
    <section class="card tester-result" aria-labelledby="result-title">
      <header>
        <h2 id="result-title">{file.name}</h2>
        <button type="button" onClick={() => player.toggle()}>
          <Icon name={isPlaying ? 'pause' : 'play'} /> {isPlaying ? T.heard.pause : T.heard.play}
        </button>
      </header>
      {sound.value === null && sound.fault === null ? (
        <Loading resource={sound} />
      ) : (
        <HeardAs title={T.tester.asNow} file={file} sound={sound.value} player={player} how={{}} />
      )}
      <div class="compare">
        <label>
          {T.tester.compare}
          <select onChange={({ currentTarget }) => setOther(otherOf(currentTarget.value))}>
            <option value="none">{T.tester.nothing}</option>
            <option value="threshold">{T.tester.threshold}</option>
            {packs.map(({ id, name }) => (
              <option key={id} value={`pack ${id}`}>
                {T.tester.pack(name)}
              </option>
            ))}
          </select>
        </label>
        {other.kind === 'threshold' && (
          <label>
            {T.tester.allAt(score(threshold))}
            <input
              type="range"
              min={0}
              max={STEPS}
              value={Math.round(placeOf(threshold) * STEPS)}
              aria-valuetext={score(threshold)}
              onInput={({ currentTarget }) =>
                setThreshold(rounded(scoreAt(Number(currentTarget.value) / STEPS)))
              }
            />
          </label>
        )}
      </div>
      {way && (
        <HeardAs
          title={titleOf(other, packs, threshold)}
          file={file}
          sound={sound.value}
          player={player}
          how={way}
        />
      )}
    </section>
  );
}

interface HeardAsProps {
  readonly title: string;
  readonly file: File;
  readonly sound: Sound | null;
  readonly player: Player;
  readonly how: How;
}

/** How the file is heard in one way. */
function HeardAs({ title, file, sound, player, how }: HeardAsProps) {
  const { live } = useDaemon();
  const calm = useCalm(how);
  const heard = useResource(() => hear(live.client, file, calm), [file, calm]);
  const { keywords } = useSignal(live.status)!;
  const { value } = heard;
  const shown = useMemo(() => (value ? shownOf(value, keywords) : []), [value, keywords]);
  if (value === null) return <Loading resource={heard} />;
  const { report, track } = value;
  const labelOf = (name: string) =>
    nameOf(keywords.find((keyword) => keyword.name === name) ?? { name, label: name });
  const { gate, handoffs, cpuMs } = report;
  const tookMs = Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0);
  return (
    <div class="heard-as">
      <h3>{title}</h3>
      {heard.fault && <p class="fault small">{heard.fault}</p>}
      <p role="status">
        {report.detections.length === 0 ? (
          <span class="muted">{T.tester.nothingHeard}</span>
        ) : (
          report.detections.map(({ keyword, time, score: value }) => (
            <span class="chip" key={`${keyword} ${time}`}>
              <b>{labelOf(keyword)}</b> {T.tester.at(time.toFixed(2))}{' '}
              <span class="number">{score(value)}</span>
            </span>
          ))
        )}
      </p>
      <Timeline
        seconds={report.seconds}
        sound={sound}
        picture="waveform"
        track={track}
        keywords={shown}
        player={player}
      />
      <p class="small muted">
        {T.tester.cost(
          gate.steps === 0 ? '–' : percent(1 - gate.passed / gate.steps),
          String(handoffs.count),
          bytes(handoffs.bytes),
          milliseconds(tookMs),
        )}
        {report.warning && ` ${report.warning}`}
      </p>
    </div>
  );
}

function shownOf({ track, report }: Heard, keywords: readonly { name: string; label: string }[]) {
  const likeliest = byHighestScore(track).map(({ name }) => name);
  const detected = new Set(report.detections.map(({ keyword }) => keyword));
  const names = [...new Set([...detected, ...likeliest])].slice(0, Math.max(LEAST_SHOWN, detected.size));
  return names.map((name, at) => {
    const index = keywords.findIndex((keyword) => keyword.name === name);
    return { name, label: keywords[index]?.label ?? name, index: index < 0 ? at : index };
  });
}

/** What stays the same for a moment: nothing is asked while a slider moves. */
function useCalm(how: How): How {
  const [calm, setCalm] = useState(how);
  const text = JSON.stringify(how);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(how), LET_GO_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return calm;
}

function otherOf(value: string): Other {
  if (value.startsWith('pack ')) return { kind: 'pack', id: value.slice('pack '.length) };
  return { kind: value === 'threshold' ? 'threshold' : 'none' };
}

function titleOf(other: Other, packs: readonly ModelInfo[], threshold: number): string {
  if (other.kind === 'pack') return T.tester.pack(packs.find(({ id }) => id === other.id)?.name ?? other.id);
  return T.tester.allAt(score(threshold));
}

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

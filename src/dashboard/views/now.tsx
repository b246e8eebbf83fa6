import { useEffect, useState } from 'preact/hooks';
import { useDaemon } from '../context.js';
import {
  ago,
  bytes,
  clockTime,
  count,
  energy,
  inputName,
  listOf,
  milliseconds,
  nameOf,
  percent,
  score,
} from '../format.js';
import type { HeardWord } from '../live.js';
import { Empty } from '../parts/empty.js';
import { Icon, type IconName } from '../parts/icon.js';
import { placeOf } from '../scale.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';
import { Strips } from './strips.js';

export function NowView() {
  return (
    <div class="now">
      <Stages />
      <Strips />
      <Detections />
    </div>
  );
}

type Tone = 'good' | 'busy' | 'idle' | 'bad';

/** The way of the sound: each stage with its state, and whether anything passes on to the next. */
function Stages() {
  const { live } = useDaemon();
  const { input, gate, classifier } = useSignal(live.status)!;
  const isHeard = input.state === 'listening' || input.state === 'restored';
  const tones: Record<typeof input.state, Tone> = {
    opening: 'busy',
    listening: 'good',
    restored: 'good',
    lost: 'bad',
    muted: 'idle',
    ended: 'idle',
  };
  const isOpen = isHeard && (gate.mode === 'off' || gate.open);
  const gateWord = gate.mode === 'off' ? T.now.gateOff : isOpen ? T.now.gateOpen : T.now.gateClosed;
  const gateHow =
    gate.mode === 'off'
      ? T.now.gateOffHow
      : gate.stopRate === null
        ? T.now.stoppedNone
        : T.now.stopped(percent(gate.stopRate));
  const { state, wakes, wakeMs } = classifier;
  const wakesHow =
    wakes === 0 ? T.now.neverWoken : T.now.wakes(count(wakes), wakeMs === null ? null : milliseconds(wakeMs));
  return (
    <ol class="stages">
      <Stage
        icon="mic"
        name={T.now.microphone}
        tone={tones[input.state]}
        state={T.now.input[input.state]}
        how={input.reason ?? (input.state === 'ended' ? T.now.inputEnded : inputName(input.name))}
        passes={isHeard}
      />
      <Stage
        icon="gate"
        name={T.now.gate}
        tone={isHeard && isOpen ? 'busy' : 'idle'}
        state={gateWord}
        how={gateHow}
        passes={isHeard && isOpen}
      />
      <Stage
        icon="brain"
        name={T.now.classifier}
        tone={state === 'awake' ? 'good' : state === 'waking' ? 'busy' : 'idle'}
        state={T.now.classifierState[state]}
        how={wakesHow}
        passes={null}
      />
    </ol>
  );
}

interface StageProps {
  readonly icon: IconName;
  readonly name: string;
  readonly tone: Tone;
  readonly state: string;
  readonly how: string;
  /** To the next stage; null for the last. */
  readonly passes: boolean | null;
}

function Stage({ icon, name, tone, state, how, passes }: StageProps) {
  return (
    <li class={`stage tone-${tone} ${passes ? 'passes' : ''}`}>
      <span class="stage-icon">
        <Icon name={icon} />
      </span>
      <div>
        <span class="small muted">{name}</span>
        <strong class="stage-state">{state}</strong>
        <span class="small muted stage-how" title={how}>
          {how}
        </span>
      </div>
    </li>
  );
}

function costOf({ energyMj, cpuMs, bytes: handedOver }: NonNullable<HeardWord['cost']>): string {
  return T.now.costOf(energy(energyMj), milliseconds(cpuMs), bytes(handedOver));
}

function Detections() {
  const { live } = useDaemon();
  const detections = useSignal(live.detections);
  const { keywords } = useSignal(live.status)!;
  const nowMs = useMinute();
  const enabled = keywords.filter((keyword) => keyword.enabled);
  const indexOf = (name: string) => keywords.findIndex((keyword) => keyword.name === name);
  return (
    <section class="card detections" aria-labelledby="detections-title">
      <header>
        <h2 id="detections-title">{T.now.detections}</h2>
      </header>
      {detections.length === 0 ? (
        <Empty icon="ear" title={T.now.none}>
          {enabled.length === 0 ? T.now.noneOff : T.now.noneHow(listOf(enabled.slice(0, 4).map(nameOf)))}
        </Empty>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{T.now.word}</th>
                <th scope="col">{T.now.time}</th>
                <th scope="col">{T.now.score}</th>
                <th scope="col" class="cost">
                  {T.now.cost}
                </th>
              </tr>
            </thead>
            <tbody>
              {detections.slice(0, 12).map((detection) => (
                <tr key={detection.sequence}>
                  <th scope="row">
                    <i class={`dot series-${(Math.max(0, indexOf(detection.keyword)) % 8) + 1}`} />
                    {nameOf({ name: detection.keyword, label: detection.label })}
                  </th>
                  <td>
                    <time dateTime={detection.heardAt} title={ago(detection.heardAt, nowMs)}>
                      {clockTime(detection.heardAt)}
                    </time>
                  </td>
                  <td class="score">
                    <meter class="bar" min={0} max={1} value={placeOf(detection.score)} aria-hidden="true" />
                    {score(detection.score)}
                  </td>
                  <td class="muted cost">
                    {detection.cost ? costOf(detection.cost) : T.now.answeredBy(detection.answeredBy ?? '')}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** The time, a new one each minute. */
function useMinute(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}

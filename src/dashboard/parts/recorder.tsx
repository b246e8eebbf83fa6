import { useEffect, useRef, useState } from 'preact/hooks';
import { joined, levelOf, type Microphone, NoMicrophone, openMicrophone } from '../sound/microphone.js';
import { usePlayer } from '../sound/player.js';
import { writeWav } from '../sound/wav.js';
import { T } from '../strings.js';
import { Icon } from './icon.js';
import { Meter } from './meter.js';

/** As many as bring something. */
const WANTED = 5;
const COUNTDOWN = 3;
const COUNT_MS = 700;
const TAKE_SECONDS = 2.5;

interface RecorderProps {
  readonly phrase: string;
  readonly takes: readonly Blob[];
  readonly onTakes: (takes: readonly Blob[]) => void;
}

type Phase = 'idle' | 'counting' | 'recording';

/** Records a phrase some times: a level to see that something comes, a countdown, and each take to hear again. */
export function Recorder({ phrase, takes, onTakes }: RecorderProps) {
  const [phase, setPhase] = useState<Phase>('idle');
  const [count, setCount] = useState(COUNTDOWN);
  const [fault, setFault] = useState<string | null>(null);
  const microphone = useRef<Microphone | null>(null);
  const level = useRef<(dbfs: number | null) => void>(() => {});
  const timers = useRef<ReturnType<typeof setTimeout>[]>([]);
  const latest = useRef(takes);
  latest.current = takes;

  const end = () => {
    for (const timer of timers.current) clearTimeout(timer);
    timers.current = [];
    microphone.current?.close();
    microphone.current = null;
    level.current(null);
    setPhase('idle');
  };
  useEffect(() => end, []);

  const record = async () => {
    setFault(null);
    try {
      microphone.current ??= await openMicrophone();
    } catch (error) {
      if (!(error instanceof NoMicrophone)) throw error;
      setFault(error.message);
      return;
    }
    const { rate } = microphone.current;
    microphone.current.onSamples = (samples) => level.current(levelOf(samples));
    setPhase('counting');
    setCount(COUNTDOWN);
    timers.current = Array.from({ length: COUNTDOWN }, (_, i) =>
      setTimeout(() => (i + 1 < COUNTDOWN ? setCount(COUNTDOWN - i - 1) : take(rate)), (i + 1) * COUNT_MS),
    );
  };
  const take = (rate: number) => {
    const blocks: Float32Array[] = [];
    let missing = TAKE_SECONDS * rate;
    setPhase('recording');
    microphone.current!.onSamples = (samples) => {
      level.current(levelOf(samples));
      blocks.push(samples);
      missing -= samples.length;
      if (missing > 0) return;
      onTakes([...latest.current, writeWav({ samples: joined(blocks), rate })]);
      end();
    };
  };

  return (
    <div class="recorder">
      <div class="recorder-head">
        <b>{T.recorder.title}</b>
        <span class="small muted">{T.recorder.count(takes.length, WANTED)}</span>
      </div>
      {takes.length > 0 && (
        <ol class="takes">
          {takes.map((file, index) => (
            <Take
              key={index}
              file={file}
              number={index + 1}
              onRemove={() => onTakes(takes.filter((other) => other !== file))}
            />
          ))}
        </ol>
      )}
      {phase === 'idle' ? (
        <button type="button" onClick={record}>
          <Icon name="record" /> {takes.length === 0 ? T.recorder.record : T.recorder.another}
        </button>
      ) : (
        <div class="recording" role="status">
          <span class={`recording-count ${phase}`}>
            {phase === 'counting' ? count : <Icon name="record" />}
          </span>
          <span class="recording-say">
            {phase === 'counting' ? T.recorder.getReady : T.recorder.say} <b>“{phrase}”</b>
          </span>
          <Meter label={T.recorder.level} onReady={(show) => (level.current = show)} />
          <button type="button" class="plain" onClick={end}>
            {T.recorder.cancel}
          </button>
        </div>
      )}
      {fault && (
        <p class="fault small" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

function Take({ file, number, onRemove }: { file: Blob; number: number; onRemove: () => void }) {
  const player = usePlayer(file);
  return (
    <li>
      <span>{T.recorder.take(number)}</span>
      <button
        type="button"
        class="plain round"
        aria-label={T.recorder.play(number)}
        onClick={() => player.toggle()}
      >
        <Icon name="play" />
      </button>
      <button type="button" class="plain round" aria-label={T.recorder.remove(number)} onClick={onRemove}>
        <Icon name="trash" />
      </button>
    </li>
  );
}

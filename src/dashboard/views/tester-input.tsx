import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../parts/icon.js';
import { Meter } from '../parts/meter.js';
import { joined, levelOf, type Microphone, NoMicrophone, openMicrophone } from '../sound/microphone.js';
import { writeWav } from '../sound/wav.js';
import { T } from '../strings.js';

/** Whoever forgets to stop has said all by then. */
const LONGEST_SECONDS = 30;

/** A file that is dropped or chosen, or the browser's microphone. */
export function TesterInput({ onFile }: { onFile: (file: File) => void }) {
  const [isOver, setOver] = useState(false);
  const [isSpeaking, setSpeaking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const microphone = useRef<Microphone | null>(null);
  const blocks = useRef<Float32Array[]>([]);
  const level = useRef<(dbfs: number | null) => void>(() => {});
  const chooser = useRef<HTMLInputElement>(null);

  const stop = () => {
    const { current } = microphone;
    if (current === null) return;
    microphone.current = null;
    current.close();
    setSpeaking(false);
    const samples = joined(blocks.current);
    if (samples.length === 0) return;
    const file = writeWav({ samples, rate: current.rate });
    onFile(new File([file], T.tester.spoken, { type: file.type, lastModified: Date.now() }));
  };
  const speak = async () => {
    setFault(null);
    try {
      microphone.current = await openMicrophone();
    } catch (error) {
      if (!(error instanceof NoMicrophone)) throw error;
      setFault(error.message);
      return;
    }
    blocks.current = [];
    setSpeaking(true);
    let left = LONGEST_SECONDS * microphone.current.rate;
    microphone.current.onSamples = (samples) => {
      level.current(levelOf(samples));
      blocks.current.push(samples);
      left -= samples.length;
      if (left <= 0) stop();
    };
  };
  useEffect(() => () => microphone.current?.close(), []);

  return (
    <section
      class={isOver ? 'card drop is-over' : 'card drop'}
      aria-label={T.tester.input}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file) onFile(file);
      }}
    >
      <Icon name="upload" />
      <div>
        <p class="empty-title">{T.tester.drop}</p>
        <p class="small muted">{T.tester.dropHow}</p>
      </div>
      <div class="drop-buttons">
        {isSpeaking ? (
          <>
            <Meter label={T.recorder.level} onReady={(show) => (level.current = show)} />
            <button type="button" class="primary" onClick={stop}>
              <Icon name="stop" /> {T.tester.stop}
            </button>
          </>
        ) : (
          <>
            <input
              ref={chooser}
              type="file"
              class="hidden"
              accept="audio/*,.wav,.flac,.ogg,.opus,.mp3,.webm"
              aria-label={T.tester.choose}
              tabIndex={-1}
              onChange={({ currentTarget }) => {
                const [file] = currentTarget.files ?? [];
                if (file) onFile(file);
                currentTarget.value = '';
              }}
            />
            <button type="button" class="primary" onClick={() => chooser.current?.click()}>
              <Icon name="upload" /> {T.tester.choose}
            </button>
            <button type="button" onClick={speak}>
              <Icon name="mic" /> {T.tester.speak}
            </button>
          </>
        )}
      </div>
      {fault && (
        <p class="fault small" role="alert">
          {fault}
        </p>
      )}
    </section>
  );
}

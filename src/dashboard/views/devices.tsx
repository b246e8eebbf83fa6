import { useEffect, useRef, useState } from 'preact/hooks';
import type { Device, MicrophoneChoice, MicrophoneInUse } from '../../client/index.js';
import { useDaemon } from '../context.js';
import { decibels } from '../format.js';
import { Icon } from '../parts/icon.js';
import { Loading } from '../parts/loading.js';
import { Meter } from '../parts/meter.js';
import { attempt, say } from '../parts/toasts.js';
import { useResource } from '../resource.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';

/** The microphones of the daemon's machine, to choose one; each with its level while somebody wants to see it. */
export function Devices() {
  const { live } = useDaemon();
  const { input } = useSignal(live.status)!;
  const found = useResource(
    async () => ({ devices: await live.client.devices(), inUse: await live.client.microphone() }),
    [input.name],
  );
  /** Key of the one that is being tried. */
  const [trying, setTrying] = useState<string | null>(null);
  if (found.value === null) return <Loading resource={found} />;
  const { devices, inUse } = found.value;
  if (!isMicrophone(inUse)) return <p class="small muted no-choice">{T.setup.noMicrophone}</p>;
  const choose = async (key: string, name: string, choice: MicrophoneChoice | null) => {
    setTrying(key);
    const isDone = await attempt(() => live.client.chooseMicrophone(choice));
    setTrying(null);
    found.reload();
    await live.refresh();
    if (isDone) say(T.setup.microphoneChosen(name));
  };
  const microphones = devices.filter(({ isMonitor, inUse }) => !isMonitor || inUse);
  return (
    <>
      <ul class="choices devices" aria-label={T.setup.choose}>
        <li>
          <Choice
            name={T.setup.defaultDevice}
            how={T.setup.defaultDeviceHow(inUse.recorder)}
            isInUse={isDefault(inUse, devices)}
            trying={trying}
            id=""
            onChoose={() => choose('', T.setup.defaultDevice, {})}
          />
        </li>
        {microphones.map((device) => (
          <Item key={keyOf(device)} device={device} trying={trying} onChoose={choose} />
        ))}
      </ul>
      {inUse.isChosen && (
        <p class="row">
          <button
            type="button"
            class="plain small"
            disabled={trying !== null}
            onClick={() => choose('settings', T.setup.ofSettings, null)}
          >
            <Icon name="undo" /> {T.setup.backToSettings}
          </button>
        </p>
      )}
    </>
  );
}

/** What is listened to may be a file, or what another program writes. */
function isMicrophone({ name }: MicrophoneInUse): boolean {
  return /^(auto|mic|microphone \(.*\))$/.test(name);
}

function keyOf({ recorder, name }: Device): string {
  return `${recorder} ${name}`;
}

/** Whether it is listened to what the recorder chooses by itself. */
function isDefault({ device }: MicrophoneInUse, devices: readonly Device[]): boolean {
  return device === null && !devices.some(({ inUse }) => inUse);
}

interface ChoiceProps {
  readonly id: string;
  readonly name: string;
  readonly how: string;
  readonly isInUse: boolean;
  readonly trying: string | null;
  readonly onChoose: () => void;
}

function Choice({ id, name, how, isInUse, trying, onChoose }: ChoiceProps) {
  return (
    <label class="choice">
      <input
        type="radio"
        name="microphone"
        checked={trying === null ? isInUse : trying === id}
        disabled={trying !== null}
        onChange={onChoose}
      />
      <span>
        <b>{name}</b>
        <span class="small muted">{trying === id ? T.setup.microphoneTried : how}</span>
      </span>
    </label>
  );
}

interface ItemProps {
  readonly device: Device;
  readonly trying: string | null;
  readonly onChoose: (key: string, name: string, choice: MicrophoneChoice) => void;
}

function Item({ device, trying, onChoose }: ItemProps) {
  const { recorder, name, description, inUse } = device;
  const key = keyOf(device);
  return (
    <li>
      <Choice
        id={key}
        name={description}
        how={`${recorder}, ${name}`}
        isInUse={inUse}
        trying={trying}
        onChoose={() => onChoose(key, description, { recorder, device: name })}
      />
      {!inUse && <Level device={device} />}
    </li>
  );
}

/** How loud one is that is not listened to: measured again and again, until nobody wants it or it fails. */
function Level({ device: { recorder, name, description } }: { device: Device }) {
  const { live } = useDaemon();
  const [isMeasured, setMeasured] = useState(false);
  const [dbfs, setDbfs] = useState<number | null>(null);
  const show = useRef<(dbfs: number | null) => void>(() => {});
  useEffect(() => {
    if (!isMeasured) return;
    let isOver = false;
    const measure = async () => {
      while (!isOver) {
        const isDone = await attempt(async () => {
          const level = await live.client.deviceLevel({ recorder, device: name });
          if (isOver) return;
          setDbfs(level.dbfs);
          show.current(level.dbfs);
        });
        if (!isDone) setMeasured(false);
        if (!isDone) return;
      }
    };
    measure();
    return () => {
      isOver = true;
    };
  }, [isMeasured]);
  return (
    <div class="setting-level">
      {isMeasured && (
        <>
          <Meter label={T.setup.levelOf(description)} onReady={(shown) => (show.current = shown)} />
          <span class="number small">{decibels(dbfs)}</span>
        </>
      )}
      <button
        type="button"
        class="small"
        aria-pressed={isMeasured}
        aria-label={T.setup.hearName(description)}
        onClick={() => setMeasured(!isMeasured)}
      >
        {isMeasured ? T.setup.stop : T.setup.hearIt}
      </button>
    </div>
  );
}

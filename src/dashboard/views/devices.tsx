import { useEffect, useRef, useState } from 'preact/hooks';
import type { Device } from '../../client/index.js';
import { useDaemon } from '../context.js';
import { decibels } from '../format.js';
import { Loading } from '../parts/loading.js';
import { Meter } from '../parts/meter.js';
import { attempt } from '../parts/toasts.js';
import { useResource } from '../resource.js';
import { T } from '../strings.js';

/** Other microphones of the daemon's machine, each with its level while somebody wants to see it. */
export function Devices() {
  const { live } = useDaemon();
  const devices = useResource(() => live.client.devices(), []);
  if (devices.value === null) return <Loading resource={devices} />;
  const others = devices.value.filter(({ inUse, isMonitor }) => !inUse && !isMonitor);
  return (
    <details class="devices-of">
      <summary>{T.setup.others(others.length)}</summary>
      {others.length > 0 && <p class="small muted">{T.setup.othersHow}</p>}
      <ul class="devices">
        {others.map((device) => (
          <Item key={`${device.recorder} ${device.name}`} device={device} />
        ))}
      </ul>
    </details>
  );
}

function Item({ device: { recorder, name, description } }: { device: Device }) {
  const { live } = useDaemon();
  const [isMeasured, setMeasured] = useState(false);
  const [dbfs, setDbfs] = useState<number | null>(null);
  const show = useRef<(dbfs: number | null) => void>(() => {});
  // Measured again and again, until nobody wants it or it fails.
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
    <li>
      <div>
        <b>{description}</b>
        <p class="small muted">
          <code>
            device: {name}, recorder: {recorder}
          </code>
        </p>
      </div>
      <div class="setting-level">
        {isMeasured && (
          <>
            <Meter label={T.setup.levelOf(description)} onReady={(shown) => (show.current = shown)} />
            <span class="number small">{decibels(dbfs)}</span>
          </>
        )}
        <button
          type="button"
          aria-pressed={isMeasured}
          aria-label={T.setup.hearName(description)}
          onClick={() => setMeasured(!isMeasured)}
        >
          {isMeasured ? T.setup.stop : T.setup.hearIt}
        </button>
      </div>
    </li>
  );
}

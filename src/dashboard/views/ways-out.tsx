import type { ComponentChildren } from 'preact';
import type { FleetStatus, Hook } from '../../client/index.js';
import { useDaemon } from '../context.js';
import { count, listOf, milliseconds } from '../format.js';
import { Icon, type IconName } from '../parts/icon.js';
import { attempt, say } from '../parts/toasts.js';
import { useResource } from '../resource.js';
import { useSignal } from '../signal.js';
import { T } from '../strings.js';

/** To whom it says what it hears: Home Assistant, other rooms, programs. */
export function WaysOutCard() {
  const { live } = useDaemon();
  const { mqtt, wyoming, fleet } = useSignal(live.status)!;
  const hooks = useResource(() => live.client.hooks(), []);
  const isNone = mqtt === null && wyoming === null && fleet === undefined && hooks.value?.length === 0;
  return (
    <section class="card" aria-labelledby="ways-title">
      <header>
        <h2 id="ways-title">{T.ways.title}</h2>
      </header>
      {isNone && <p class="muted">{T.ways.none}</p>}
      <ul class="ways">
        {mqtt && (
          <Way
            icon="house"
            name={T.ways.mqtt}
            isGood={mqtt.connected}
            state={mqtt.connected ? T.ways.connected : T.ways.notConnected}
          >
            {T.ways.messages(count(mqtt.sent), count(mqtt.waiting), count(mqtt.dropped))}
          </Way>
        )}
        {wyoming && (
          <Way
            icon="house"
            name={T.ways.wyoming}
            isGood
            state={T.ways.connections(count(wyoming.connections))}
          >
            {T.ways.detections(count(wyoming.sent), count(wyoming.dropped))}
          </Way>
        )}
        {fleet && (
          <Way
            icon="rooms"
            name={T.ways.fleet(fleet.room)}
            isGood={fleet.connected}
            state={fleet.connected ? T.ways.connected : T.ways.notConnected}
          >
            {fleetText(fleet)}
          </Way>
        )}
        {hooks.value?.map((hook) => (
          <HookWay key={hook.name} hook={hook} onTested={hooks.reload} />
        ))}
      </ul>
      {hooks.fault && <p class="fault small">{hooks.fault}</p>}
    </section>
  );
}

function fleetText({ room, rooms, workers, classifiedBy, answered, lagMs }: FleetStatus): string {
  const isWorking = workers.length > 0;
  return [
    T.ways.rooms(rooms.length === 0 ? room : listOf(rooms)),
    classifiedBy === 'own'
      ? T.ways.ownClassifiers
      : isWorking
        ? T.ways.workers(listOf(workers))
        : T.ways.noWorker[classifiedBy],
    ...(isWorking && answered > 0 ? [T.ways.lag(milliseconds(lagMs))] : []),
  ].join(' ');
}

function HookWay({ hook, onTested }: { hook: Hook; onTested: () => void }) {
  const { live } = useDaemon();
  const run = () =>
    attempt(async () => {
      const { delivered, milliseconds: tookMs, problem } = await live.client.testHook(hook.name);
      say(delivered ? T.ways.tested(hook.name, milliseconds(tookMs)) : (problem ?? T.ways.notDelivered));
      onTested();
    });
  return (
    <Way
      icon="bolt"
      name={hook.name}
      isGood={hook.problem === null}
      state={hook.problem ?? T.ways.hookHow(hook.target)}
      action={
        <button type="button" onClick={run} aria-label={T.ways.testName(hook.name)}>
          {T.ways.test}
        </button>
      }
    >
      {T.ways.messages(count(hook.delivered), count(hook.waiting), count(hook.failed + hook.dropped))}
    </Way>
  );
}

interface WayProps {
  readonly icon: IconName;
  readonly name: string;
  readonly isGood: boolean;
  readonly state: string;
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}

function Way({ icon, name, isGood, state, action, children }: WayProps) {
  return (
    <li class="way">
      <Icon name={icon} />
      <div>
        <b>{name}</b> <span class={isGood ? 'good' : 'fault'}>{state}</span>
        <p class="small muted">{children}</p>
      </div>
      {action}
    </li>
  );
}

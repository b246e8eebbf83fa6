import type { Hook, TestEvent } from '../../protocol/index.js';
import type { Service } from '../../service.js';
import type { HookEvent } from './delivery.js';

/** An event of the first type that a hook is for, as if it had happened now; `test` says that it has not. */
export function testEvent(
  { on, keywords }: Pick<Hook, 'on' | 'keywords'>,
  service: Pick<Service, 'events' | 'keywords' | 'status'>,
): HookEvent {
  const time = new Date().toISOString();
  const common = { sequence: service.events.sequence, time, test: true } as const;
  const place = { sample: 0, seconds: 0 };
  const known = service.keywords();
  const keyword = known.find(({ name }) => keywords?.includes(name) ?? true) ?? known[0];
  switch (on[0]) {
    case 'gate':
      return { type: 'gate', ...common, ...place, open: true, score: 1 };
    case 'classifier':
      return { type: 'classifier', ...common, state: 'awake', previous: 'waking', reason: 'a test' };
    case 'input': {
      const { name, state, reason, problem } = service.status().input;
      return { type: 'input', ...common, name, state, reason, problem };
    }
    case 'config':
      return { type: 'config', ...common, keyword };
    case 'problem':
      return { type: 'problem', ...common, part: 'hooks', problem: 'this is a test' };
    default:
      return testDetection({ ...common, keyword: keyword.name, label: keyword.label });
  }
}

/** A detection of a keyword that was not said. */
export function testDetection({
  sequence,
  time,
  keyword,
  label,
}: Pick<TestEvent, 'sequence' | 'time' | 'keyword' | 'label'>): HookEvent {
  return {
    type: 'detection',
    sequence,
    time,
    test: true,
    keyword,
    label,
    score: 1,
    secondLook: null,
    sample: 0,
    seconds: 0,
    heardAt: time,
    cost: { handoffs: 0, bytes: 0, cpuMs: 0, energyMj: 0, basis: 'none' },
  };
}

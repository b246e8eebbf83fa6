import type { LevelMeter } from '../audio/index.js';
import type { Config } from '../config/index.js';
import type { Status } from '../protocol/index.js';
import { VERSION } from '../version.js';
import type { Bridges } from './bridges.js';
import type { DaemonFleet } from './fleet.js';
import type { DaemonInput } from './input.js';
import type { DaemonKeywords } from './keywords.js';
import type { Muting } from './muting.js';
import type { Problems } from './problems.js';
import type { SwitchingListener } from './switching-listener.js';

export interface StatusParts {
  readonly config: Pick<Config, 'gate' | 'secondLook'>;
  readonly input: DaemonInput;
  readonly level: LevelMeter;
  readonly muting: Muting;
  readonly listener: SwitchingListener;
  readonly keywords: DaemonKeywords;
  readonly problems: Problems;
  readonly fleet: DaemonFleet | null;
  readonly bridges: Pick<Bridges, 'status'>;
}

/** The state of the daemon, put together from its parts. */
export function statusOf(parts: StatusParts, uptimeSeconds: number): Status {
  const { config, input, level, muting, listener, keywords, problems, fleet, bridges } = parts;
  const { pack, classifier } = listener.current;
  const { steps, passed, openings, open, score, maxScore, looks } = listener.current.listener.account();
  const { name, description, gate } = pack;
  return {
    version: VERSION,
    uptimeSeconds,
    input: {
      ...input.status,
      ...input.counts,
      levelDbfs: Number.isFinite(level.dbfs) ? level.dbfs : null,
      noiseDbfs: Number.isNaN(level.noiseDbfs) ? null : level.noiseDbfs,
      mutedUntil: muting.status().mutedUntil,
    },
    gate: {
      mode: config.gate,
      threshold: gate.threshold,
      open,
      score,
      maxScore,
      steps,
      passed,
      openings,
      stopRate: steps === 0 ? null : 1 - passed / steps,
    },
    classifier: classifier.status(),
    secondLook: { mode: pack.secondLook ? config.secondLook : 'none', ...looks },
    ...(fleet && { fleet: fleet.status() }),
    model: { name, description },
    keywords: keywords.list(),
    ...bridges.status(),
    problems: problems.list(),
  };
}

/** Why nothing can be detected now, in a sentence; null where it can, or is not wanted. */
export function notReady({ input, listener }: Pick<StatusParts, 'input' | 'listener'>): string | null {
  const { name, state, reason } = input.status;
  if (state === 'opening') return `${name} is being opened, and has given no sound yet`;
  if (state === 'lost') return `${name} is lost: ${reason}`;
  const { fault } = listener.current.health;
  return fault && `the classifier cannot answer: ${fault.message}`;
}

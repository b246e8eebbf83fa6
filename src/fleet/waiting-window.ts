import type { CostedClassification } from '../classifier/index.js';
import type { WakegateError } from '../errors.js';
import { readHandoffHeader } from '../gate/handoff.js';
import type { WindowTrace } from './traces.js';

/** A handoff of a satellite that waits for its answer. */
export interface WaitingWindow {
  readonly number: number;
  readonly message: Buffer;
  readonly header: { readonly streamId: number; readonly step: number; readonly endSample: number };
  readonly trace: WindowTrace;
  readonly sinceMs: number;
  /** `sending`: the broker may not have it; `taken`: it has; `unwanted`: no worker was there for it. */
  state: 'sending' | 'taken' | 'unwanted';
  isSecond: boolean;
  /** Times that it was sent and a worker may have it. */
  copies: number;
  /** Of these, how many workers have refused it, and what the last one said. */
  refusals: number;
  refusal: WakegateError | null;
  timer: NodeJS.Timeout | undefined;
  resolve(answer: CostedClassification | null): void;
  reject(error: Error): void;
}

/**
 * @param number by which its answer is known
 * @param message the handoff, which is copied
 * @throws WakegateError WG_HANDOFF_INVALID
 */
export function waitingWindow(
  number: number,
  message: Uint8Array,
  { resolve, reject }: Pick<WaitingWindow, 'resolve' | 'reject'>,
): WaitingWindow {
  const copy = Buffer.from(message);
  const header = readHandoffHeader(copy);
  const sinceMs = performance.now();
  const trace = { endSample: header.endSample, bytes: copy.length, sentMs: sinceMs, times: 1 };
  const unknown = { takenMs: null, answeredMs: null, worker: null, workerMs: null, cpuMs: null };
  return {
    ...{ number, message: copy, header, trace: { ...trace, ...unknown }, sinceMs },
    ...{ state: 'sending', isSecond: false, copies: 0, refusals: 0, refusal: null, timer: undefined },
    ...{ resolve, reject },
  };
}

import type { ErrorCode } from '../errors.js';
import type { BackModel, Compression, HandoffSettings } from '../model/index.js';
import type { BackendChoice, BackendName, Classification } from './types.js';

/** What the classifier and its worker say to each other, in order: load, loaded, then batch and answers by turns. */

/** Handoffs in a batch, at most. */
export const MAX_BATCH = 16;

/** The part of a model pack that the worker needs. */
export interface WorkerModel {
  readonly fingerprint: number;
  readonly compression: Compression;
  readonly handoff: HandoffSettings;
  readonly back: BackModel;
  /** Keywords + 1. */
  readonly classes: number;
}

export type ToWorker =
  | { readonly kind: 'load'; readonly backend: BackendChoice; readonly model: WorkerModel }
  | { readonly kind: 'batch'; readonly messages: readonly Uint8Array[] };

export type FromWorker =
  | {
      readonly kind: 'loaded';
      readonly backend: BackendName;
      /** Why the backends that were tried before this one did not do. */
      readonly passedOver: readonly string[];
      /** CPU time from the start of the thread, in milliseconds. */
      readonly cpuMs: number;
    }
  | ({ readonly kind: 'unloadable' } & Fault)
  | {
      readonly kind: 'answers';
      /** One for each message, in the order of the batch. */
      readonly answers: readonly (Classification | Fault)[];
      /** CPU time of the whole batch, in milliseconds. */
      readonly cpuMs: number;
    };

/** A `WakegateError` on its way between threads. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
}

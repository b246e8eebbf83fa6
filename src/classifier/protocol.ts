import type { ErrorCode } from '../errors.js';
import type { BackModel, Compression, HandoffSettings, OwnHead, SecondLookModel } from '../model/index.js';
import type { BackendChoice, BackendName, Classification } from './types.js';

/**
 * What the classifier and its worker say to each other, in order: load, loaded, then by turns batch and answers, or look and looked.
 * `prepared` may come in between, once.
 */

/** Handoffs in a batch, at most. */
export const MAX_BATCH = 16;

/** The part of a model pack that the worker needs. */
export interface WorkerModel {
  readonly fingerprint: number;
  readonly compression: Compression;
  readonly handoff: HandoffSettings;
  readonly back: BackModel;
  /** Keywords + 1, without those of the user's own. */
  readonly classes: number;
  /** Heads of the user's own keywords: their posteriors come after those of the pack. */
  readonly ownHeads?: readonly OwnHead[];
  readonly secondLook?: SecondLookModel | undefined;
  /** What hears the embeddings of the second look for each of those keywords; null for one that it is not asked about. */
  readonly ownSeconds?: readonly (OwnHead | null)[];
}

export type ToWorker =
  | { readonly kind: 'load'; readonly backend: BackendChoice; readonly model: WorkerModel }
  | { readonly kind: 'batch'; readonly messages: readonly Uint8Array[] }
  /** The sound that the second look is to judge. */
  | { readonly kind: 'look'; readonly samples: Int16Array };

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
    }
  | { readonly kind: 'looked'; readonly answer: Looked | Fault; readonly cpuMs: number }
  /** The second look was loaded, after the first batch. */
  | { readonly kind: 'prepared'; readonly cpuMs: number };

/** What the second look says of some sound. */
export interface Looked {
  /** [keywords + 1], "none" first; those of the user's own come last. */
  readonly posteriors: Float32Array;
}

/** A `WakegateError` on its way between threads. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
}

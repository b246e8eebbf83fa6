import type { ErrorCode } from '../../errors.js';
import type { RawFormat } from '../codecs/raw-pcm.js';

/** What a piece of audio is asked to be decoded as. */
export interface DecodeRequest {
  /** What it is called in errors. */
  readonly name: string;
  /** Layout of raw s16le samples; null for the bytes of a file, which say themselves what they are. */
  readonly raw: Required<RawFormat> | null;
  /** The only channel of a file that is wanted, counted from 1; 0 for the mean of all. */
  readonly channel: number;
}

/**
 * To the thread that decodes. `decode` begins a job that asks for each piece by `wants`; `convert` begins one that
 * answers each `resample` by `resampled`, and `end` by `samples`. `end` says that no more pieces come; `more` that one block of samples was used.
 */
export type ToDecoder =
  | { readonly kind: 'decode'; readonly job: number; readonly request: DecodeRequest }
  | { readonly kind: 'convert'; readonly job: number; readonly raw: Required<RawFormat> }
  | { readonly kind: 'piece'; readonly job: number; readonly bytes: Uint8Array }
  /** `room` is for the answer, with which the memory of both comes back. */
  | {
      readonly kind: 'resample';
      readonly job: number;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly room: ArrayBuffer;
    }
  | { readonly kind: 'end'; readonly job: number }
  | { readonly kind: 'more'; readonly job: number }
  | { readonly kind: 'close'; readonly job: number };

/** From the thread that decodes. After `done` and `fault` nothing more comes of that job. */
export type FromDecoder =
  | { readonly kind: 'wants'; readonly job: number }
  | { readonly kind: 'samples'; readonly job: number; readonly samples: Int16Array }
  | {
      readonly kind: 'resampled';
      readonly job: number;
      readonly samples: Int16Array<ArrayBuffer>;
      readonly bytes: ArrayBuffer;
    }
  | { readonly kind: 'done'; readonly job: number; readonly warning: string | null }
  | { readonly kind: 'fault'; readonly job: number; readonly code: ErrorCode; readonly message: string };

/** Blocks of samples that a job may be ahead of who uses them. */
export const MAX_AHEAD = 2;
/** Samples at 16 kHz in a block: half a second. */
export const BLOCK_SAMPLES = 8192;
/** Bytes in a piece. */
export const PIECE_BYTES = 65_536;

import type { MonoBlock } from './mono.js';

/** Decodes the packets of one stream of sound, after the one that announces it. */
export interface PacketDecoder {
  /** Samples of the codec's own clock (granules) to one sample that comes out. */
  readonly granulesPerSample: number;
  /** Granules that are decoded at the beginning, but are not part of the sound. */
  readonly preSkip: number;
  /** @returns null for a packet that holds no sound */
  decode(packet: Uint8Array): MonoBlock | null | Promise<MonoBlock | null>;
  free(): void;
}

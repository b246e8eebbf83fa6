/** How several packets share a block (RFC 9559, section 10.3), by the two bits of its flags. */
const XIPH = 1;
const FIXED = 2;
const EBML = 3;

/** The sizes of a block's packets do not fit into it. */
export class LacingFault extends Error {}

/**
 * The packets of a block.
 *
 * @param frames what follows the flags
 * @throws LacingFault
 */
export function lacedPackets(frames: Uint8Array, flags: number): Uint8Array[] {
  const lacing = (flags >> 1) & 3;
  if (lacing === 0) return [frames];
  if (frames.length === 0) throw new LacingFault();
  const count = frames[0] + 1;
  const { sizes, end } =
    lacing === XIPH ? xiph(frames, count) : lacing === EBML ? ebml(frames, count) : fixed(frames, count);
  const packets: Uint8Array[] = [];
  let at = end;
  for (const size of sizes) {
    packets.push(frames.subarray(at, at + size));
    at += size;
  }
  if (at > frames.length) throw new LacingFault();
  // The last has the rest, whose size is not written.
  if (lacing !== FIXED) packets.push(frames.subarray(at));
  return packets;
}

interface Sizes {
  readonly sizes: readonly number[];
  /** Where the first packet begins. */
  readonly end: number;
}

/** All of one size. */
function fixed(frames: Uint8Array, count: number): Sizes {
  const size = (frames.length - 1) / count;
  if (!Number.isInteger(size)) throw new LacingFault();
  return { sizes: Array<number>(count).fill(size), end: 1 };
}

/** Each size as the sum of bytes, of which the last is under 255. */
function xiph(frames: Uint8Array, count: number): Sizes {
  const sizes: number[] = [];
  let at = 1;
  while (sizes.length < count - 1) {
    let size = 0;
    for (let byte = 255; byte === 255; size += byte) byte = byteAt(frames, at++);
    sizes.push(size);
  }
  return { sizes, end: at };
}

/** The first size as EBML has it, then each as the difference from the one before, moved so that it is not negative. */
function ebml(frames: Uint8Array, count: number): Sizes {
  const sizes: number[] = [];
  let at = 1;
  while (sizes.length < count - 1) {
    const length = Math.clz32(byteAt(frames, at)) - 23;
    if (length > 4) throw new LacingFault();
    let value = byteAt(frames, at) & (0xff >> length);
    for (let i = 1; i < length; i++) value = value * 256 + byteAt(frames, at + i);
    at += length;
    const size = sizes.length === 0 ? value : sizes[sizes.length - 1] + value - (2 ** (7 * length - 1) - 1);
    if (size < 0) throw new LacingFault();
    sizes.push(size);
  }
  return { sizes, end: at };
}

function byteAt(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) throw new LacingFault();
  return bytes[at];
}

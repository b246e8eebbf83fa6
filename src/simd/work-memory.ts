import { aligned, type Functions, instantiate } from './kernels.js';

const PAGE = 65_536;

/** The kernels with a memory of their own that is as large as a network needs, for work that comes and goes: it is freed with them. */
export class WorkMemory {
  readonly runLayer: Functions['runLayer'];
  readonly packKernel: Functions['packKernel'];
  readonly bytes: Uint8Array;
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  #free = 0;

  /**
   * @param bytes how much there is to be
   * @throws RangeError where it is more than 64 MB
   */
  constructor(bytes: number) {
    const functions = instantiate();
    if (functions === null) throw new RangeError('this processor has no SIMD for WebAssembly');
    const { memory, runLayer, packKernel } = functions;
    const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE;
    if (pages > 0) memory.grow(pages);
    const { buffer } = memory;
    this.runLayer = runLayer;
    this.packKernel = packKernel;
    this.bytes = new Uint8Array(buffer);
    this.float32 = new Float32Array(buffer);
    this.int32 = new Int32Array(buffer);
  }

  /** @returns the byte offset of so many bytes, a multiple of 16 */
  take(bytes: number): number {
    const at = this.#free;
    this.#free += aligned(bytes);
    if (this.#free > this.bytes.length) throw new RangeError(`${this.#free} bytes do not fit`);
    return at;
  }
}

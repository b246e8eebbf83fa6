import { MODULE } from './module.js';

/** What is used here of WebAssembly, which the types of Node do not have. Not defined where Node runs with --jitless. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly?: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
};

/** What is compiled from `assembly/`: see there what each function takes. Pointers are byte offsets in {@link Kernels.memory}. */
export interface Functions {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly mfcc: (table: number, samples: number, work: number, out: number) => void;
  readonly pushRow: (stack: number, state: number, row: number, work: number, workBytes: number) => number;
  readonly runLayer: (layer: number, state: number, from: number) => void;
  readonly packKernel: (
    from: number,
    to: number,
    places: number,
    channels: number,
    stride: number,
    outputs: number,
  ) => void;
}

/** Something with a place in the kernels' memory. */
export interface Tenant {
  /** Its place is about to be taken by others: whatever has changed there is to be saved. */
  leave(): void;
}

/** Byte offsets: what is passed in and out lies before {@link TENANTS}, and is nobody's from one call to the next. */
export const INPUT = 0;
export const OUTPUT = 16_384;
export const WORK = 32_768;
const TENANTS = 131_072;

/**
 * Arithmetic in WebAssembly with SIMD, for all streams of a thread. Its memory does not grow: it is a cache of tables, weights and states
 * whose truth lies with its tenants. When it is full all of them leave, and those that are still in use come back. So nothing has to be
 * released, however many packs and streams come and go.
 */
export class Kernels {
  readonly mfcc: Functions['mfcc'];
  readonly pushRow: Functions['pushRow'];
  readonly bytes: Uint8Array;
  readonly int16: Int16Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  /** Changes whenever the tenants have left. */
  generation = 0;
  readonly #tenants: Tenant[] = [];
  #free = TENANTS;

  constructor({ memory: { buffer }, mfcc, pushRow }: Functions) {
    this.mfcc = mfcc;
    this.pushRow = pushRow;
    this.bytes = new Uint8Array(buffer);
    this.int16 = new Int16Array(buffer);
    this.float32 = new Float32Array(buffer);
    this.float64 = new Float64Array(buffer);
  }

  /** Whether so many bytes can have a place at all. */
  holds(bytes: number): boolean {
    return aligned(bytes) <= this.bytes.length - TENANTS;
  }

  /** Gives a tenant a place until {@link generation} changes. @returns its byte offset, a multiple of 16 */
  place(tenant: Tenant, bytes: number): number {
    if (this.#free + aligned(bytes) > this.bytes.length) this.#clear();
    const at = this.#free;
    this.#free += aligned(bytes);
    this.#tenants.push(tenant);
    return at;
  }

  #clear(): void {
    for (const tenant of this.#tenants) tenant.leave();
    this.#tenants.length = 0;
    this.#free = TENANTS;
    this.generation++;
  }
}

/** So many bytes, rounded up to where the next place may begin: a multiple of 16. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

let opened: Kernels | null | undefined;

/** Those of this thread; null where there is no WebAssembly with SIMD, or the environment says `WAKEGATE_SIMD=off`. */
export function openKernels(): Kernels | null {
  if (opened === undefined) opened = process.env.WAKEGATE_SIMD === 'off' ? null : newKernels();
  return opened;
}

/** As {@link openKernels}, with a memory of their own. */
export function newKernels(): Kernels | null {
  const functions = instantiate();
  return functions && new Kernels(functions);
}

/** All functions with a memory of their own; null where there is no WebAssembly with SIMD. */
export function instantiate(): Functions | null {
  if (!WebAssembly) return null;
  let module: object;
  try {
    module = new WebAssembly.Module(Buffer.from(MODULE, 'base64'));
  } catch {
    // There is no SIMD on old processors: of Intel's and AMD's, those without SSE 4.1.
    return null;
  }
  return new WebAssembly.Instance(module).exports as Functions;
}

import { invalidPack } from './invalid.js';
import type { ManifestTensor } from './manifest.js';

/** Tensors by name: how front.bin is laid out and read. float32, little-endian, row-major, one after another. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Lays `tensors` out one after another: the bytes of front.bin, and its table for pack.json. */
export function layOutTensors(tensors: ReadonlyMap<string, Tensor>): {
  bytes: Uint8Array;
  table: ManifestTensor[];
} {
  const table: ManifestTensor[] = [];
  let floats = 0;
  for (const [name, { shape, values }] of tensors) {
    table.push({ name, shape: [...shape], offset: floats * 4 });
    floats += values.length;
  }
  const all = new Float32Array(floats);
  let at = 0;
  for (const { values } of tensors.values()) {
    all.set(values, at);
    at += values.length;
  }
  return { bytes: new Uint8Array(all.buffer), table };
}

/**
 * The tensors of front.bin, handed out once each with the shape that the layer expects, so that tensors that no layer uses are found
 * as well.
 */
export class TensorTable {
  readonly #entries = new Map<string, ManifestTensor>();
  readonly #bytes: Uint8Array;
  readonly #manifestPath: string;

  /** Throws `WG_MODEL_INVALID` where an entry appears twice or reaches past the end of the file. */
  constructor(table: readonly ManifestTensor[], bytes: Uint8Array, manifestPath: string) {
    this.#bytes = bytes;
    this.#manifestPath = manifestPath;
    for (const entry of table) {
      if (this.#entries.has(entry.name)) throw this.#invalid(entry.name, 'appears twice');
      const end = entry.offset + size(entry.shape) * 4;
      if (end > bytes.byteLength) {
        throw this.#invalid(
          entry.name,
          `ends at byte ${end}, but front.bin ends at byte ${bytes.byteLength}`,
        );
      }
      this.#entries.set(entry.name, entry);
    }
  }

  /** Throws `WG_MODEL_INVALID` where the tensor is missing, of another shape, or not finite. */
  take(name: string, shape: readonly number[]): Float32Array {
    const entry = this.#entries.get(name);
    if (entry === undefined)
      throw this.#invalid(name, `is missing: a tensor of shape [${shape}] was expected`);
    if (entry.shape.length !== shape.length || entry.shape.some((length, axis) => length !== shape[axis])) {
      throw this.#invalid(name, `has shape [${entry.shape}] where the layer has [${shape}]`);
    }
    this.#entries.delete(name);
    const start = this.#bytes.byteOffset + entry.offset;
    const values = new Float32Array(this.#bytes.buffer.slice(start, start + size(shape) * 4));
    if (!values.every(Number.isFinite)) throw this.#invalid(name, 'holds a number that is not finite');
    return values;
  }

  /** Throws `WG_MODEL_INVALID` where something is left that no layer asked for. */
  finish(): void {
    for (const name of this.#entries.keys()) throw this.#invalid(name, 'belongs to no layer');
  }

  #invalid(name: string, problem: string) {
    return invalidPack(this.#manifestPath, `tensor ${name}`, problem, 'write the pack again');
  }
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

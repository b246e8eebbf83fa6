/** The bytes of an ONNX model that holds nothing but tensors, for tests. */
export interface OnnxTensorBytes {
  readonly name: string;
  readonly dims: readonly number[];
  readonly raw: Uint8Array;
  /** float32 by default. */
  readonly type?: number;
  /** Dimensions as one field, as newer writers do, instead of one by one. */
  readonly packed?: boolean;
}

export function onnxBytes(tensors: readonly OnnxTensorBytes[]): Buffer {
  const graph = Buffer.concat([
    message(2, Buffer.from('graph')),
    ...tensors.map(({ name, dims, raw, type = 1, packed }) =>
      message(
        5,
        Buffer.concat([
          packed
            ? message(1, Buffer.concat(dims.map(varint)))
            : Buffer.concat(dims.map((dim) => field(1, dim))),
          field(2, type),
          message(8, Buffer.from(name)),
          message(9, raw),
        ]),
      ),
    ),
  ]);
  return Buffer.concat([field(1, 8), message(2, Buffer.from('test')), message(7, graph)]);
}

export function floatBytes(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

function message(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([8 * number + 2]), varint(bytes.length), bytes]);
}

function field(number: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([8 * number]), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    bytes.push((left % 128) + (left >= 128 ? 128 : 0));
    if (left < 128) return Buffer.from(bytes);
  }
}

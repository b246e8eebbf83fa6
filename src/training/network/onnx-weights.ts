import { WakegateError } from '../../errors.js';

/** A tensor of an ONNX file. */
export interface OnnxWeight {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** Field numbers of the ONNX protocol buffers that are read: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_DIMS = 1;
const TENSOR_DATA_TYPE = 2;
const TENSOR_NAME = 8;
const TENSOR_RAW_DATA = 9;
const FLOAT = 1;

/**
 * The float32 weights of an ONNX model by name, in the order of the file. The graph itself is not read.
 *
 * @throws WakegateError WG_DATA_INVALID where the bytes are not an ONNX model, or are cut
 */
export function readOnnxWeights(bytes: Uint8Array): Map<string, OnnxWeight> {
  const weights = new Map<string, OnnxWeight>();
  for (const graph of fieldsOf(bytes)) {
    if (graph.number !== MODEL_GRAPH || graph.bytes === undefined) continue;
    for (const field of fieldsOf(graph.bytes)) {
      if (field.number !== GRAPH_INITIALIZER || field.bytes === undefined) continue;
      const { name, type, dims, raw } = tensorOf(field.bytes);
      if (type !== FLOAT || raw === undefined) continue;
      const size = dims.reduce((product, length) => product * length, 1);
      if (raw.byteLength !== 4 * size) throw notOnnx();
      const copy = Uint8Array.from(raw);
      weights.set(name, { dims, values: new Float32Array(copy.buffer) });
    }
  }
  if (weights.size === 0) throw notOnnx();
  return weights;
}

function tensorOf(bytes: Uint8Array) {
  let [name, type] = ['', 0];
  let raw: Uint8Array | undefined;
  const dims: number[] = [];
  for (const field of fieldsOf(bytes)) {
    if (field.number === TENSOR_NAME && field.bytes) name = new TextDecoder().decode(field.bytes);
    else if (field.number === TENSOR_DATA_TYPE) type = field.value;
    else if (field.number === TENSOR_RAW_DATA) raw = field.bytes;
    else if (field.number === TENSOR_DIMS && field.bytes === undefined) dims.push(field.value);
    else if (field.number === TENSOR_DIMS) dims.push(...packed(field.bytes!));
  }
  return { name, type, dims, raw };
}

interface Field {
  readonly number: number;
  /** Of a varint; 0 for others. */
  readonly value: number;
  /** Of what has a length. */
  readonly bytes?: Uint8Array;
}

const VARINT = 0;
const FIXED_64 = 1;
const WITH_LENGTH = 2;
const FIXED_32 = 5;

/** The fields of a message, one by one. */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  for (let at = 0; at < bytes.length; ) {
    const [key, afterKey] = varint(bytes, at);
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === VARINT) {
      const [value, end] = varint(bytes, afterKey);
      yield { number, value };
      at = end;
    } else if (wire === WITH_LENGTH) {
      const [length, start] = varint(bytes, afterKey);
      at = start + length;
      if (at > bytes.length) throw notOnnx();
      yield { number, value: 0, bytes: bytes.subarray(start, at) };
    } else if (wire === FIXED_64 || wire === FIXED_32) {
      at = afterKey + (wire === FIXED_64 ? 8 : 4);
    } else throw notOnnx();
  }
}

function packed(bytes: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [value, end] = varint(bytes, at);
    values.push(value);
    at = end;
  }
  return values;
}

/** The value, and where the next byte is. Values over 2^53 lose their last bits; no length or dimension is so large. */
function varint(bytes: Uint8Array, from: number): [number, number] {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, from + i + 1];
  }
  throw notOnnx();
}

function notOnnx(): WakegateError {
  return new WakegateError('WG_DATA_INVALID', 'the file is not an ONNX model, or was cut: fetch it again');
}

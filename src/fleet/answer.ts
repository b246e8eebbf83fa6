/**
 * What a worker answers to a handoff.
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | `A` for an answer, `R` for a refusal |
 * | 1 | version of this format |
 * | 1 + n | name of the worker: its length, then ASCII |
 * | answers: 4, 4 | CPU time, and time from its arrival to its answer, in ms: float32, little-endian |
 * | answers: the rest | posteriors, [positions, classes]: float32, little-endian |
 * | refusals: 1 + n, the rest | code of the error, then its sentence, UTF-8 |
 */
import { type ErrorCode, isErrorCode, WakegateError } from '../errors.js';

const ANSWER = 0x41;
const REFUSAL = 0x52;
const VERSION = 1;
const FLOAT = Float32Array.BYTES_PER_ELEMENT;
const MOST_SENTENCE = 500;

/** Of a worker: posteriors, or why there are none. */
export type FleetAnswer = { readonly worker: string } & (
  | { readonly posteriors: Float32Array; readonly cpuMs: number; readonly lagMs: number }
  | { readonly code: ErrorCode; readonly sentence: string }
);

export function encodeAnswer(answer: FleetAnswer): Buffer {
  const name = Buffer.from(answer.worker, 'latin1');
  const isAnswer = 'posteriors' in answer;
  const head = Buffer.concat([Buffer.from([isAnswer ? ANSWER : REFUSAL, VERSION, name.length]), name]);
  if (!isAnswer) {
    const code = Buffer.from(answer.code, 'latin1');
    return Buffer.concat([
      head,
      Buffer.from([code.length]),
      code,
      Buffer.from(answer.sentence.slice(0, MOST_SENTENCE)),
    ]);
  }
  const { posteriors, cpuMs, lagMs } = answer;
  const numbers = Buffer.alloc((2 + posteriors.length) * FLOAT);
  numbers.writeFloatLE(cpuMs, 0);
  numbers.writeFloatLE(lagMs, FLOAT);
  posteriors.forEach((posterior, i) => {
    numbers.writeFloatLE(posterior, (2 + i) * FLOAT);
  });
  return Buffer.concat([head, numbers]);
}

/**
 * @param numbers how many posteriors the pack gives
 * @throws WakegateError WG_CLASSIFIER_FAILED for what is no answer
 */
export function decodeAnswer(bytes: Buffer, numbers: number): FleetAnswer {
  const [kind, version, length = 0] = bytes;
  if ((kind !== ANSWER && kind !== REFUSAL) || bytes.length < 3 + length)
    throw invalid('it is cut or foreign');
  if (version !== VERSION) {
    throw invalid(`its format is version ${version}, this is version ${VERSION}: run one release everywhere`);
  }
  const worker = bytes.toString('latin1', 3, 3 + length);
  const rest = bytes.subarray(3 + length);
  if (kind === REFUSAL) {
    const [codeLength = 0] = rest;
    const code = rest.toString('latin1', 1, 1 + codeLength);
    const sentence = rest.toString('utf8', 1 + codeLength, 1 + codeLength + MOST_SENTENCE);
    return { worker, code: isErrorCode(code) ? code : 'WG_CLASSIFIER_FAILED', sentence };
  }
  if (rest.length !== (2 + numbers) * FLOAT) {
    throw invalid(`it holds ${rest.length} bytes of numbers, where ${(2 + numbers) * FLOAT} are due`);
  }
  const posteriors = Float32Array.from({ length: numbers }, (_, i) => rest.readFloatLE((2 + i) * FLOAT));
  if (!posteriors.every((posterior) => posterior >= 0 && posterior <= 1)) {
    throw invalid('it holds what is no probability');
  }
  return { worker, posteriors, cpuMs: rest.readFloatLE(0), lagMs: rest.readFloatLE(FLOAT) };
}

function invalid(reason: string): WakegateError {
  return new WakegateError('WG_CLASSIFIER_FAILED', `an answer of the fleet cannot be used: ${reason}`);
}

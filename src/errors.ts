/**
 * Every error that wakegate raises on purpose: its code, what kind of fault it is, and the exit code of the
 * command line. Messages are made where the fault is found: what was wrong, where, and what to do about it.
 */

/** `usage`: the caller asked for something that cannot be; `failed`: it could be, but did not work. */
type Fault = 'usage' | 'failed';

const FAULTS = {
  /** A file, a device or a listing that is not there. */
  WG_INPUT_NOT_FOUND: 'failed',
  /** Audio whose bytes do not hold what its header says: cut off, malformed, or not audio at all. */
  WG_AUDIO_INVALID: 'failed',
  /** Sound audio of a kind that is not read here. */
  WG_AUDIO_UNSUPPORTED: 'failed',
  /** Audio with no samples in it. */
  WG_AUDIO_EMPTY: 'failed',
  /** No program that records (arecord, parec, pw-record, sox) is installed, or the one that was named is not. */
  WG_RECORDER_MISSING: 'failed',
  /** The recorder ended, or gave no samples: no device, a busy device, an unplugged device. */
  WG_RECORDER_FAILED: 'failed',
  /** No model pack of that name, or no such folder. */
  WG_MODEL_NOT_FOUND: 'failed',
  /** A model pack with something missing, cut, altered, or of a wrong shape. */
  WG_MODEL_INVALID: 'failed',
  /** A handoff message that is cut, altered, or made by another pack or version. */
  WG_HANDOFF_INVALID: 'failed',
  /** The TensorFlow.js backend, or the extractor of MFCCs, that was asked for cannot be loaded here. */
  WG_BACKEND_UNAVAILABLE: 'failed',
  /** The classifier's worker failed again and again on the same work. */
  WG_CLASSIFIER_FAILED: 'failed',
  /** The classifier was closed while work was still waiting. */
  WG_CLASSIFIER_CLOSED: 'failed',
  /** A configuration file that cannot be read, or is no JSON or YAML. */
  WG_CONFIG_INVALID: 'usage',
  /** A command line that makes no sense. */
  WG_USAGE: 'usage',
  /** The port or address to listen on is taken, or not ours to take. */
  WG_PORT_UNAVAILABLE: 'failed',
  /** No daemon answers where one was expected. */
  WG_SERVICE_UNREACHABLE: 'failed',
  /** The service could not be installed, removed or asked about. */
  WG_SERVICE_FAILED: 'failed',
  /** A request to the service that it has no answer for. */
  WG_REQUEST_INVALID: 'usage',
  /** A keyword, or another thing by name, that the service does not have. */
  WG_UNKNOWN_NAME: 'usage',
  /** The state directory cannot be read or written, or holds what was not written here. */
  WG_STATE_UNUSABLE: 'failed',
  /** Nothing is heard, or nothing could be detected in it. */
  WG_NOT_READY: 'failed',
  /** More was sent than is taken. */
  WG_TOO_LARGE: 'usage',
  /** What is sent comes too slowly to be waited for. */
  WG_TOO_SLOW: 'usage',
  /** As much is under way as can be: try again later. */
  WG_BUSY: 'failed',
  /** The file of the token that protects the service holds none, or there must be one and there is not. */
  WG_TOKEN_UNUSABLE: 'usage',
  /** A request without the token, or with a wrong one. */
  WG_UNAUTHORIZED: 'usage',
  /** A request from a page of a web site that is not trusted. */
  WG_ORIGIN_REFUSED: 'usage',
  /** A fault of wakegate's own. */
  WG_INTERNAL: 'failed',
  /** Training data that is missing, mislabelled or too little. */
  WG_DATA_INVALID: 'failed',
  /** A program or a package that training or a picture needs is not installed. */
  WG_PROGRAM_MISSING: 'failed',
  /** A layer of a network that a gate cannot stand behind, or a network that cannot be cut at it. */
  WG_LAYER_UNSUITABLE: 'usage',
} as const satisfies Record<string, Fault>;

export type ErrorCode = keyof typeof FAULTS;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(FAULTS, text);
}

/**
 * The one error class. `code` is stable and may be relied on; `message` is a sentence for people.
 *
 * @example
 * throw new WakegateError('WG_AUDIO_EMPTY', `${path} holds no samples: record it again`);
 */
export class WakegateError extends Error {
  override readonly name = 'WakegateError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** 2 where the caller's request was wrong, 1 where it failed. */
  get exitCode(): 1 | 2 {
    return FAULTS[this.code] === 'usage' ? 2 : 1;
  }
}

/** `error` as it is if it is one of ours, or wrapped as `code` with its message kept as the reason. */
export function asWakegateError(error: unknown, code: ErrorCode, sentence: string): WakegateError {
  if (error instanceof WakegateError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new WakegateError(code, `${sentence}: ${reason}`, { cause: error });
}

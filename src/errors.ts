/**
 * Every error that wakegate raises on purpose: its code, the kind of fault, and the exit code of the command
 * line. Messages are written where the fault is found: what was wrong, where, and what to do about it.
 */

/** `usage`: the request was invalid; `failed`: it was valid, but did not work. */
type Fault = 'usage' | 'failed';

const FAULTS = {
  /** A file, a device or a list that does not exist. */
  WG_INPUT_NOT_FOUND: 'failed',
  /** Audio whose bytes do not match its header: cut off, malformed, or not audio at all. */
  WG_AUDIO_INVALID: 'failed',
  /** Audio of a format that is not supported. */
  WG_AUDIO_UNSUPPORTED: 'failed',
  /** Audio with no samples in it. */
  WG_AUDIO_EMPTY: 'failed',
  /** Audio that takes more time or memory to decode than any sound does. */
  WG_AUDIO_TOO_COSTLY: 'failed',
  /** No recording program (arecord, parec, pw-record, sox) is installed, or not the one that was named. */
  WG_RECORDER_MISSING: 'failed',
  /** The recorder ended, or gave no samples: no device, a busy device, an unplugged device. */
  WG_RECORDER_FAILED: 'failed',
  /** No model pack of that name, or no such folder. */
  WG_MODEL_NOT_FOUND: 'failed',
  /** A model pack with something missing, cut, altered, or of a wrong shape. */
  WG_MODEL_INVALID: 'failed',
  /** A keyword file that is cut, altered, of another trunk, or of a name that is taken; or a phrase that cannot be a keyword. */
  WG_KEYWORD_INVALID: 'usage',
  /** A handoff message that is cut, altered, or made by another pack or version. */
  WG_HANDOFF_INVALID: 'failed',
  /** The TensorFlow.js backend, or the extractor of MFCCs, that was asked for cannot be loaded here. */
  WG_BACKEND_UNAVAILABLE: 'failed',
  /** The classifier's worker failed again and again on the same work. */
  WG_CLASSIFIER_FAILED: 'failed',
  /** The classifier was closed while work was still waiting. */
  WG_CLASSIFIER_CLOSED: 'failed',
  /** A configuration file that cannot be read or is not valid JSON or YAML, or a setting that is not valid. */
  WG_CONFIG_INVALID: 'usage',
  /** An invalid command line, or an invalid argument of a function. */
  WG_USAGE: 'usage',
  /** The port or address to serve on is taken, or this user may not use it. */
  WG_PORT_UNAVAILABLE: 'failed',
  /** No daemon answers where one was expected. */
  WG_SERVICE_UNREACHABLE: 'failed',
  /** The MQTT broker does not answer, or does not let us in. */
  WG_BROKER_UNREACHABLE: 'failed',
  /** The systemd service could not be installed, removed or queried. */
  WG_SERVICE_FAILED: 'failed',
  /** An invalid request to the service. */
  WG_REQUEST_INVALID: 'usage',
  /** A keyword, or another thing by name, that does not exist. */
  WG_UNKNOWN_NAME: 'usage',
  /** The state directory cannot be read or written, or holds files that wakegate did not write. */
  WG_STATE_UNUSABLE: 'failed',
  /** The daemon gets no sound, or cannot classify it. */
  WG_NOT_READY: 'failed',
  /** A request that is larger than the limit. */
  WG_TOO_LARGE: 'usage',
  /** A request whose body arrives too slowly. */
  WG_TOO_SLOW: 'usage',
  /** Too many requests in progress: try again later. */
  WG_BUSY: 'failed',
  /** The token file is missing, or does not hold a token. */
  WG_TOKEN_UNUSABLE: 'usage',
  /** A request with a wrong token, or without one. */
  WG_UNAUTHORIZED: 'usage',
  /** A request from a web page of a site that is not allowed. */
  WG_ORIGIN_REFUSED: 'usage',
  /** A webhook that did not take an event, or a command that did not succeed. */
  WG_HOOK_FAILED: 'failed',
  /** A bug in wakegate. */
  WG_INTERNAL: 'failed',
  /** Training data that is missing, mislabelled or too little. */
  WG_DATA_INVALID: 'failed',
  /** A program or a package that training or a picture needs is not installed. */
  WG_PROGRAM_MISSING: 'failed',
  /** A network layer that no gate can follow, or a network that cannot be split there. */
  WG_LAYER_UNSUITABLE: 'usage',
} as const satisfies Record<string, Fault>;

export type ErrorCode = keyof typeof FAULTS;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(FAULTS, text);
}

/**
 * The only error class. `code` is stable, so programs can rely on it; `message` is a sentence for people.
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

  /** 2 for an invalid request, 1 for a failure. */
  get exitCode(): 1 | 2 {
    return FAULTS[this.code] === 'usage' ? 2 : 1;
  }
}

/** `error` itself if it is a WakegateError, else wrapped in one with this code, and its message as the reason. */
export function asWakegateError(error: unknown, code: ErrorCode, sentence: string): WakegateError {
  if (error instanceof WakegateError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new WakegateError(code, `${sentence}: ${reason}`, { cause: error });
}

/**
 * What the system says without which file it was about, so that the same fault has the same sentence each time: `ENOSPC: no space left
 * on device, open '/tmp/7.new'` -> `ENOSPC: no space left on device`.
 */
export function withoutPath(message: string): string {
  return message.replace(/, [a-z]+(?: '[^']*')?(?: -> '[^']*')?$/, '');
}

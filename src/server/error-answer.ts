import type { ErrorCode } from '../errors.js';
import type { ErrorAnswer } from '../protocol/index.js';

/** What the body of an answer is that is an error. */
export function errorAnswer(code: ErrorCode, message: string): ErrorAnswer {
  return { error: { code, message } };
}

/** Of what went wrong here: its text is for the log only, since it may hold things that no client should see. */
export function ownFault(): ErrorAnswer {
  return errorAnswer('WG_INTERNAL', 'something went wrong here: the log says what');
}

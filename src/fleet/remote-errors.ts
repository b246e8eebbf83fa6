import { WakegateError } from '../errors.js';

/** Why a satellite has no answer to a handoff. */
export function closedError(): WakegateError {
  return new WakegateError('WG_CLASSIFIER_CLOSED', 'the classifier was closed before it answered');
}

export function refusedError(): WakegateError {
  return new WakegateError(
    'WG_BROKER_UNREACHABLE',
    'the broker does not let this satellite send handoffs: "wakegate fleet acl" writes the rules that do',
  );
}

export function brokerError(problem: string | null): WakegateError {
  return new WakegateError('WG_BROKER_UNREACHABLE', problem ?? 'the broker does not answer');
}

export function noWorkerError(pack: string, fingerprint: string): WakegateError {
  return new WakegateError(
    'WG_MODEL_NOT_FOUND',
    `no worker of the fleet has model pack "${pack}" (${fingerprint}): start one with "wakegate classify", and copy the pack's folder into its models`,
  );
}

/** @param set of own keywords */
export function noKeywordsError(set: string): WakegateError {
  return new WakegateError(
    'WG_MODEL_NOT_FOUND',
    `no worker of the fleet has this satellite's own keywords (${set}) yet: the logs of the workers say what they wait for`,
  );
}

export function unansweredError(pack: string, livesMs: number, copies: number): WakegateError {
  const times = copies > 1 ? ', though it was sent twice' : '';
  return new WakegateError(
    'WG_CLASSIFIER_FAILED',
    `no worker of the fleet has answered a handoff of ${pack} within ${livesMs / 1000} s${times}: look at "wakegate fleet"`,
  );
}

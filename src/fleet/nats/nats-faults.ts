import { socketSentence } from '../../broker/index.js';

/** Why a connection to a NATS server failed or ended, after "the NATS server at ... ". */
export function natsFault(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, name, message } = cause as NodeJS.ErrnoException;
    const known = typeof code === 'string' ? socketSentence(code) : null;
    if (known) return known;
    if (/Authoriz|Authentic/i.test(`${name} ${message}`))
      return 'refuses this user or password: look at mqttUser and mqttPasswordFile';
    if (/JetStreamNotEnabled|jetstream is not enabled/i.test(`${name} ${message}`))
      return 'has no JetStream: start it with --jetstream, or "jetstream {}" in its settings';
    if (/does not support 'tls'/.test(message))
      return 'does not speak TLS: start its address with nats://, or give it a certificate';
    if (/timeout/i.test(`${name} ${message}`)) return 'does not answer';
    if (/expired/i.test(message)) return 'has a certificate that has expired';
  }
  if (error === undefined) return 'closed the connection';
  return `cannot be reached: ${error instanceof Error ? error.message : String(error)}`;
}

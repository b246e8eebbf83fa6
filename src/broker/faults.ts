/** Why a connection to a broker failed, or ended. */
export interface BrokerFault {
  /** What follows "the MQTT broker at ... ", with what to do about it. */
  readonly sentence: string;
  /** Whether the broker may only know another version of MQTT. */
  readonly mayBeVersion: boolean;
}

export function faultOf(sentence: string, mayBeVersion = false): BrokerFault {
  return { sentence, mayBeVersion };
}

/** What went wrong with the socket. */
export function socketFault(error: NodeJS.ErrnoException): BrokerFault {
  const { code = '' } = error;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|EPROTO/.test(code)) {
    return faultOf('does not speak TLS at this port: start mqttUrl with mqtt://, or give its port for TLS');
  }
  if (/ALERT_CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA|HANDSHAKE_FAILURE/.test(code)) {
    return faultOf('refuses the client certificate, or wants one: look at mqttCertificate and mqttKey');
  }
  return faultOf(SOCKET_FAULTS[code] ?? `cannot be reached: ${error.message}`);
}

/** What follows the name of a server, for an error of a socket; null for one that says nothing of its own. */
export function socketSentence(code: string): string | null {
  return SOCKET_FAULTS[code] ?? null;
}

const UNKNOWN_CA = 'has a certificate that is signed by nobody known: give its CA as mqttCa';

const SOCKET_FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'does not answer: nothing listens at that port',
  ECONNRESET: 'closed the connection',
  EPIPE: 'closed the connection',
  ENOTFOUND: 'cannot be found: there is no machine of that name',
  EAI_AGAIN: 'cannot be found: the name server does not answer',
  ETIMEDOUT: 'does not answer',
  EHOSTUNREACH: 'cannot be reached: there is no way to that machine',
  ENETUNREACH: 'cannot be reached: there is no way to its network',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_CA,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet: is the clock of this machine right?',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'has a certificate for another name: give one of its names in mqttUrl, or a certificate with this one',
};

/** What a broker says when it refuses a connection or ends it (MQTT 5, 2.4; MQTT 3.1.1, 3.2.2.3). */
export function reasonFault(code: number): BrokerFault {
  const isVersion = code === 1 || code === 132;
  return faultOf(REASONS[code] ?? `refused, for reason ${code} of MQTT`, isVersion);
}

const WRONG_PASSWORD = 'refuses this user or password: look at mqttUser and mqttPasswordFile';
const NOT_ALLOWED = 'does not let this user in: look at mqttUser, mqttPasswordFile and its access rules';

const REASONS: Readonly<Record<number, string>> = {
  0: 'ended the connection',
  1: 'does not know this version of MQTT',
  2: 'does not accept our client identifier: choose another mqttName',
  3: 'is not available',
  4: WRONG_PASSWORD,
  5: NOT_ALLOWED,
  132: 'does not know this version of MQTT',
  133: 'does not accept our client identifier: choose another mqttName',
  134: WRONG_PASSWORD,
  135: NOT_ALLOWED,
  136: 'is not available',
  137: 'has too much to do',
  138: 'has banned this machine',
  139: 'is shutting down',
  140: 'wants another way to authenticate',
  141: 'heard nothing from here for too long',
  142: 'serves another client of the same name: give each wakegate a mqttName of its own',
  149: 'found a message too large',
  151: 'has no room left for this user',
  159: 'lets nobody connect so often',
};

/** What a broker says where it does not let a client publish or subscribe (MQTT 5, 2.4). */
export function refusalOf(code: number): string {
  if (code === 135 || code === 128) return 'its access rules do not allow it';
  if (code === 144 || code === 143) return 'it does not accept that topic';
  return code === 151 ? 'it has no room left' : `reason ${code} of MQTT`;
}

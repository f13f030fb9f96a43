import { CamboxError, type ErrorCode } from '../../base/errors.ts';
import type { BrokerAddress } from './broker-address.ts';

/** What is known about why there is no connection, or none any more. */
export interface LinkFailureParts {
  readonly broker: BrokerAddress;
  readonly clientId: string;
  readonly username: string | undefined;
  /** The broker had accepted us before. */
  readonly wasConnected: boolean;
  /** Reason code of CONNACK or DISCONNECT (MQTT 5 §2.4). */
  readonly reasonCode: number | undefined;
  /** Error of the socket, of TLS, or of MQTT.js. */
  readonly error: Error | undefined;
}

interface Explanation {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly remedy: string;
}

/** One sentence that says what is wrong between us and the broker, and what to do. */
export function explainLinkFailure(parts: LinkFailureParts): CamboxError {
  const { code, reason, remedy } = explainReasonCode(parts) ?? explainSystemError(parts) ?? explainOther(parts);
  return new CamboxError(code, {
    verb: parts.wasConnected ? 'stay connected to' : 'connect to',
    thing: `MQTT broker ${parts.broker.url}`,
    reason,
    remedy: `${remedy}; retrying until it works`,
    cause: parts.error,
  });
}

function explainReasonCode({ reasonCode, clientId, username }: LinkFailureParts): Explanation | undefined {
  const whoami = username === undefined ? 'without a user name' : `as user ${username}`;
  switch (reasonCode) {
    case undefined:
    case 0:
      return undefined;
    case 1: // "unacceptable protocol version" in MQTT 3.1.1 §3.2.2.3: the broker answers in its own dialect
    case 0x84:
      return {
        code: 'unsupported',
        reason: 'the broker does not speak MQTT 5',
        remedy: 'Use one that does (mosquitto 1.6 or newer)',
      };
    case 4:
    case 5:
    case 0x86:
    case 0x87:
    case 0x8c:
      return {
        code: 'bad_config',
        reason: `the broker refuses client ${clientId} ${whoami} (reason ${hex(reasonCode)}, not authorized)`,
        remedy: 'Check mqtt.username, mqtt.password_file, or the certificate in mqtt.cert, and the users of the broker',
      };
    case 2:
    case 0x85:
      return {
        code: 'bad_config',
        reason: `the broker refuses the client id ${clientId} (reason ${hex(reasonCode)})`,
        remedy: 'Check box.id; with certificates it must be the common name of mqtt.cert',
      };
    case 0x8e:
      return {
        code: 'conflict',
        reason: `another client connected with our id ${clientId}`,
        remedy: 'Give every box its own box.id (two boxes with one id throw each other off)',
      };
    case 3:
    case 0x88:
    case 0x89:
    case 0x8b:
      return {
        code: 'network',
        reason: `the broker is not available (reason ${hex(reasonCode)})`,
        remedy: 'See its log',
      };
    case 0x95:
      return {
        code: 'too_large',
        reason: 'the broker refused a packet as too large',
        remedy: 'Raise its max_packet_size',
      };
    default:
      return {
        code: 'network',
        reason: `the broker ended it with reason ${hex(reasonCode)}`,
        remedy: 'See its log',
      };
  }
}

const hex = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`;

const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);

function explainSystemError({ error, broker }: LinkFailureParts): Explanation | undefined {
  if (error === undefined) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const at = `${broker.host}:${broker.port}`;
  if (code === 'ECONNRESET') return undefined; // says no more than a close
  if (code === 'ECONNREFUSED') {
    return {
      code: 'network',
      reason: `nothing listens on ${at}`,
      remedy: 'Start the broker (systemctl status mosquitto) or correct mqtt.url',
    };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      code: 'network',
      reason: `the name ${broker.host} has no address (${code})`,
      remedy: 'Correct mqtt.url, or check the network and its name server',
    };
  }
  if (CERTIFICATE_CODES.has(code)) {
    return {
      code: 'bad_config',
      reason: `its certificate is not signed by the authority we trust (${code})`,
      remedy: 'Set mqtt.ca to the certificate of the authority that signed it',
    };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return {
      code: 'bad_config',
      reason: `its certificate is not valid now, ${new Date().toISOString()} by this box's clock (${code})`,
      remedy: 'Set the clock of the box, or renew the certificate',
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      code: 'bad_config',
      reason: `its certificate is for another name than ${broker.host}`,
      remedy: 'Use the name from the certificate in mqtt.url, or issue it for this name',
    };
  }
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_OSSL') || code === 'EPROTO') {
    return {
      code: 'bad_config',
      reason: `TLS failed: ${error.message.trim()}`,
      remedy: 'Check mqtt.ca, mqtt.cert, mqtt.key, and that this port of the broker speaks TLS',
    };
  }
  if (code !== '') {
    return {
      code: 'network',
      reason: `${error.message} (${code})`,
      remedy: 'Check the network and mqtt.url',
    };
  }
  return undefined;
}

function explainOther({ error, wasConnected, broker, clientId }: LinkFailureParts): Explanation {
  if (wasConnected) {
    return {
      code: 'network',
      reason: error?.message ?? 'the broker closed the connection',
      // mosquitto 2.0 does not tell a client that another one has taken its session over
      remedy: `Check that it runs and that the network is up, and that there is not another box with the id ${clientId}`,
    };
  }
  return {
    code: 'network',
    reason: error?.message ?? 'it closes the connection without an answer',
    remedy: `Check that ${broker.host}:${broker.port} is an MQTT 5 broker that expects ${
      broker.tls ? 'TLS (mqtts://)' : 'no TLS (mqtt://)'
    }`,
  };
}

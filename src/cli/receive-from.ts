import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { CamboxError } from '../base/errors.ts';
import { isMulticast } from '../native/socket-address.ts';
import { JPEG_PAYLOAD_TYPE } from '../rtp/rtp-header.ts';
import { type DescribedStream, parseSdp, type SdpFault } from '../rtp/sdp-parse.ts';
import type { ReceiveFrom } from '../stream/receive/rtp-receiver.ts';
import { readInlineKey, readSrtpKey } from '../stream/srtp/key-file.ts';
import type { SrtpMasterKey } from '../stream/srtp/session-keys.ts';
import { UsageError } from './cli-command.ts';
import { numberOption } from './options.ts';

const MAX_PORT = 65_535;

/** The options of `cambox receive` that say where a stream comes from. */
export interface ReceiveFromOptions {
  readonly port?: string | undefined;
  readonly sdp?: string | undefined;
  readonly 'srtp-key-file'?: string | undefined;
  readonly interface?: string | undefined;
  readonly 'no-reports'?: boolean | undefined;
}

/** Throws UsageError, `bad_input` (the session description), `bad_config` (the key file). */
export async function receiveFrom(
  {
    port: portOption,
    sdp,
    'srtp-key-file': keyFile = '',
    interface: device = '',
    'no-reports': isMute = false,
  }: ReceiveFromOptions,
  credentialsDirectory: string | undefined,
): Promise<ReceiveFrom> {
  const port = numberOption('port', portOption, { least: 1, most: MAX_PORT, whole: true });
  if (port === undefined && sdp === undefined) throw new UsageError('--port N or --sdp FILE is missing');
  if (port !== undefined && sdp !== undefined) throw new UsageError('--port and --sdp exclude each other');
  const fileKey = await readSrtpKey(keyFile, credentialsDirectory);
  if (port !== undefined) {
    if (device !== '') throw noGroup(device, '--sdp FILE names one');
    const rtcpPort = port < MAX_PORT ? port + 1 : undefined;
    const plain = { group: undefined, payloadType: JPEG_PAYLOAD_TYPE, size: undefined };
    return { ...plain, port, rtcpPort, masterKey: fileKey, sendsReports: !isMute };
  }
  const { address, ttl, srtp, wantsReports, ...described } = describedStream(sdp!);
  const isGroup = address !== undefined && isIP(address) !== 0 && isMulticast(address);
  if (device !== '' && !isGroup) throw noGroup(device, `${sdp} names none`);
  const group = isGroup ? { address, ttl, interface: device } : undefined;
  const masterKey = fileKey ?? (srtp && describedKey(sdp!, srtp.inlineKey));
  return { ...described, group, masterKey, sendsReports: wantsReports && !isMute };
}

const noGroup = (device: string, where: string): UsageError =>
  new UsageError(`--interface ${device} says where to hear a multicast group: ${where}`);

const SDP_FAULTS: Readonly<Record<SdpFault, string>> = {
  too_long: 'it is longer than 64 KB',
  not_sdp: 'it is no session description: its first line is not v=0',
  no_jpeg: 'it has no m=video line with JPEG over RTP',
  dtls: 'its stream is encrypted with keys that are agreed on by DTLS',
  srtp_suite: 'its stream is encrypted otherwise than with one key for AES_CM_128_HMAC_SHA1_80',
};

function describedStream(path: string): DescribedStream {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CamboxError('bad_input', { verb: 'read', thing: path, reason, cause });
  }
  const described = parseSdp(text);
  if (typeof described === 'object') return described;
  throw new CamboxError('bad_input', {
    verb: 'receive what is described in',
    thing: path,
    reason: SDP_FAULTS[described],
    received: text.slice(0, 80),
    remedy: 'cambox stream --sdp FILE writes one',
  });
}

function describedKey(path: string, inlineKey: string | undefined): SrtpMasterKey {
  const key = inlineKey === undefined ? undefined : readInlineKey(inlineKey);
  if (key !== undefined) return key;
  throw new CamboxError('bad_input', {
    verb: 'decrypt what is described in',
    thing: path,
    reason: 'the key is not in it (a=crypto)',
    remedy: "Name the sender's key: --srtp-key-file FILE",
  });
}

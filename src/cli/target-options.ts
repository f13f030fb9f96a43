import { type RtpTarget, TARGET_DEFAULTS } from '../stream/rtp-target.ts';
import { UsageError } from './cli-command.ts';
import { choiceOption, numberOption, type readOptions } from './options.ts';

/** The options that say where and how a stream is sent. */
export const TARGET_OPTIONS = {
  to: { type: 'string' },
  mtu: { type: 'string' },
  ssrc: { type: 'string' },
  pacing: { type: 'string' },
  transport: { type: 'string' },
  'no-rtcp': { type: 'boolean' },
  'rtcp-port': { type: 'string' },
  ttl: { type: 'string' },
  interface: { type: 'string' },
  'no-multicast-loop': { type: 'boolean' },
  dscp: { type: 'string' },
  'srtp-key-file': { type: 'string' },
} as const;

export const TARGET_USAGE = `\
  --to rtp://HOST:PORT        the receiver: an address, a name, or a multicast group
  --mtu N                     largest IP packet in bytes (1500)
  --ssrc N                    RTP SSRC (random)
  --pacing P                  part of the frame interval over which packets are spread, 0 to 1 (0.5)
  --transport auto|gso|dgram  how packets leave (auto)
  --no-rtcp                   send and hear no reports
  --rtcp-port N               local port for receivers' reports (any)
  --ttl N                     how many routers packets may pass (1 to a multicast group, 64 to one machine)
  --interface NAME            network interface that packets leave by (as routed)
  --no-multicast-loop         receivers on this machine do not hear the group
  --dscp N                    differentiated services code point, 0 to 63 (0)
  --srtp-key-file FILE        encrypt with the key in it, from: openssl rand -base64 30`;

type Values = ReturnType<typeof readOptions<typeof TARGET_OPTIONS>>['values'];

/** Throws UsageError. */
export function targetFrom(values: Values): RtpTarget {
  const whole = (name: string, value: string | undefined, least: number, most: number): number | undefined =>
    numberOption(name, value, { least, most, whole: true });
  return {
    ...parseTarget(values.to),
    mtu: whole('mtu', values.mtu, 1, 65535) ?? TARGET_DEFAULTS.mtu,
    ssrc: whole('ssrc', values.ssrc, 0, 0xffffffff),
    transport: choiceOption('transport', values.transport, ['auto', 'gso', 'dgram']) ?? TARGET_DEFAULTS.transport,
    pacing: numberOption('pacing', values.pacing, { least: 0, most: 1 }) ?? TARGET_DEFAULTS.pacing,
    rtcp: !(values['no-rtcp'] ?? false),
    rtcpPort: whole('rtcp-port', values['rtcp-port'], 0, 65535) ?? TARGET_DEFAULTS.rtcpPort,
    ttl: whole('ttl', values.ttl, 1, 255),
    interface: values.interface ?? TARGET_DEFAULTS.interface,
    loop: !(values['no-multicast-loop'] ?? false),
    dscp: whole('dscp', values.dscp, 0, 63) ?? TARGET_DEFAULTS.dscp,
    srtpKeyFile: values['srtp-key-file'] ?? TARGET_DEFAULTS.srtpKeyFile,
  };
}

/** host and port of rtp://HOST:PORT; IPv6 addresses in brackets. */
function parseTarget(to: string | undefined): { host: string; port: number } {
  if (to === undefined) throw new UsageError('--to rtp://HOST:PORT is missing');
  const url = URL.parse(to);
  if (url?.protocol !== 'rtp:' || url.hostname === '' || url.port === '') {
    throw new UsageError(`--to must read rtp://HOST:PORT: received ${to}`);
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) };
}

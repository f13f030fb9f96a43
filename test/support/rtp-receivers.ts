import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { closedPort } from './udp-receiver.ts';

const READY_MS = 15_000;
/** A receiver that still waits then, for a goodbye or a frame that got lost, is killed. */
const END_LIMIT_MS = 100_000;
const POLL_MS = 5;
/** GStreamer's udpsrc loses nothing while the machine is busy, as far as net.core.rmem_max lets it. */
const ROOMY = 'buffer-size=4000000';
const JPEG_CAPS = 'application/x-rtp,media=video,clock-rate=90000,encoding-name=JPEG,payload=26';

/** A real receiver, in a process of its own. */
export interface RtpReceiver extends AsyncDisposable {
  /** Resolves when it has stored its frames and ended; rejects with what it wrote to stderr when it failed. */
  readonly done: Promise<void>;
}

export interface ReceiverJob {
  /** A session description in a file. */
  readonly sdp: string;
  /** The port in it. */
  readonly port: number;
  /** Ends after so many; undefined: by itself. */
  readonly frames: number | undefined;
  /** What the packets of a large picture cannot say to GStreamer; it stands in the session description. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Where the received JPEGs go, one after the other, as received. */
  readonly out: string;
}

/** ffmpeg, opening the session description. Resolves when it listens. */
export function ffmpegReceiver({ sdp, port, frames, out }: ReceiverJob): Promise<RtpReceiver> {
  const input = ['-v', 'error', '-y', '-protocol_whitelist', 'file,udp,rtp', '-i', sdp];
  const limit = frames === undefined ? [] : ['-frames:v', String(frames)];
  return startReceiver('ffmpeg', [...input, '-c', 'copy', ...limit, '-f', 'mjpeg', out], port);
}

/** GStreamer's rtpjpegdepay. Resolves when it listens. */
export function gstreamerReceiver({ port, frames, size, out }: ReceiverJob): Promise<RtpReceiver> {
  const dimensions = size === undefined ? '' : `,x-dimensions=(string)"${size.width},${size.height}"`;
  const caps = `${JPEG_CAPS}${dimensions}`;
  const inlet = ['udpsrc', 'address=127.0.0.1', `port=${port}`, ROOMY, `caps=${caps}`];
  const source = [...inlet, '!', 'rtpjpegdepay'];
  // It ends the stream instead of passing on the buffer of that number.
  const limit = frames === undefined ? [] : ['identity', `eos-after=${frames + 1}`, '!'];
  const sink = [...limit, 'filesink', `location=${out}`, 'buffer-mode=unbuffered'];
  return startReceiver('gst-launch-1.0', ['-q', ...source, '!', ...sink], port);
}

/** What GStreamer must know of an encrypted stream: it takes no key from a session description. */
export interface SrtpSecret {
  readonly ssrc: number;
  /** Key and salt. */
  readonly key: Buffer;
}

export interface SessionJob {
  readonly port: number;
  /** The loopback port that it sends its reports to. */
  readonly reportsTo: number;
  readonly srtp?: SrtpSecret;
  /** Where the received JPEGs go, one after the other, as received. */
  readonly out?: string;
}

/** GStreamer's rtpbin, with RTCP both ways. Resolves when it listens. */
export function gstreamerSession({ port, reportsTo, srtp, out }: SessionJob): Promise<RtpReceiver> {
  const sink = out === undefined ? ['fakesink'] : ['filesink', `location=${out}`, 'buffer-mode=unbuffered'];
  const pictures = ['b.', '!', 'rtpjpegdepay', '!', ...sink];
  const report = ['udpsink', 'host=127.0.0.1', `port=${reportsTo}`, 'sync=false', 'async=false'];
  const [rtp, rtcp] = [port, port + 1].map((number) => ['udpsrc', `port=${number}`, ROOMY]);
  const ways =
    srtp === undefined
      ? [...rtp!, `caps=${JPEG_CAPS}`, '!', 'b.recv_rtp_sink_0', ...rtcp!, '!', 'b.recv_rtcp_sink_0']
      : decrypted(rtp!, rtcp!, srtp);
  const reports = srtp === undefined ? ['b.send_rtcp_src_0', '!', ...report] : encrypted(report, srtp);
  return startReceiver('gst-launch-1.0', ['-q', 'rtpbin', 'name=b', ...pictures, ...ways, ...reports], port);
}

function decrypted(rtp: string[], rtcp: string[], { ssrc, key }: SrtpSecret): string[] {
  const suite = ['srtp-cipher', 'srtcp-cipher'].map((field) => `${field}=aes-128-icm`);
  const tags = ['srtp-auth', 'srtcp-auth'].map((field) => `${field}=hmac-sha1-80`);
  const secret = [`ssrc=(uint)${ssrc}`, `srtp-key=(buffer)${key.toString('hex')}`, ...suite, ...tags].join(',');
  const srtpCaps = `${JPEG_CAPS.replace('x-rtp', 'x-srtp')},${secret}`;
  return [
    ...['srtpdec', 'name=d', ...rtp, `caps=${srtpCaps}`, '!', 'd.rtp_sink', 'd.rtp_src', '!', 'b.recv_rtp_sink_0'],
    ...[...rtcp, `caps=application/x-srtcp,${secret}`, '!', 'd.rtcp_sink', 'd.rtcp_src', '!', 'b.recv_rtcp_sink_0'],
  ];
}

function encrypted(report: string[], { key }: SrtpSecret): string[] {
  const encoder = ['srtpenc', 'name=e', `key=${key.toString('hex')}`];
  return [...encoder, 'b.send_rtcp_src_0', '!', 'e.rtcp_sink_0', 'e.rtcp_src_0', '!', ...report];
}

/** An even port, free now, as is the odd one behind it, where receivers listen for RTCP (RFC 3550 §11). */
export async function freeRtpPort(): Promise<number> {
  for (;;) {
    const port = await closedPort();
    if (port % 2 === 0 && !isBound(port + 1)) return port;
  }
}

/** True when some socket of this machine is bound to the UDP port. */
function isBound(port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/udp', '/proc/net/udp6'].some((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .some((line) => line.trim().split(/\s+/)[1]?.endsWith(local)),
  );
}

/** Start a program that receives; resolves when it listens on the port. */
export async function startReceiver(program: string, args: string[], port: number): Promise<RtpReceiver> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const receiver = watch(program, child);
  const deadline = performance.now() + READY_MS;
  while (!isBound(port)) {
    if (performance.now() > deadline || child.exitCode !== null) {
      await receiver[Symbol.asyncDispose]();
      throw new Error(`${program} ${args.join(' ')} does not listen on port ${port}`);
    }
    await SYSTEM_CLOCK.sleep(POLL_MS);
  }
  return receiver;
}

function watch(program: string, child: ChildProcess): RtpReceiver {
  let complaints = '';
  child.stderr?.on('data', (text) => {
    complaints += String(text);
  });
  const limit = setTimeout(() => {
    complaints += `killed, as it did not end within ${END_LIMIT_MS} ms`;
    child.kill('SIGKILL');
  }, END_LIMIT_MS).unref();
  const closed = once(child, 'close');
  const done = closed.then(([code]) => {
    clearTimeout(limit);
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${complaints}`);
  });
  done.catch(() => undefined); // whoever awaits `done` sees it; disposing alone does not
  return {
    done,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed.catch(() => undefined);
    },
  };
}

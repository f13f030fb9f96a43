import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { closedPort } from './udp-receiver.ts';

const READY_MS = 15_000;
const POLL_MS = 5;
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
  const source = ['udpsrc', 'address=127.0.0.1', `port=${port}`, `caps=${caps}`, '!', 'rtpjpegdepay'];
  // It ends the stream instead of passing on the buffer of that number.
  const limit = frames === undefined ? [] : ['identity', `eos-after=${frames + 1}`, '!'];
  const sink = [...limit, 'filesink', `location=${out}`, 'buffer-mode=unbuffered'];
  return startReceiver('gst-launch-1.0', ['-q', ...source, '!', ...sink], port);
}

/** GStreamer's rtpbin, with RTCP both ways: it sends its reports to the loopback port `reportsTo`. Resolves when it listens. */
export function gstreamerSession({ port, reportsTo }: { port: number; reportsTo: number }): Promise<RtpReceiver> {
  const caps = 'application/x-rtp,media=video,clock-rate=90000,encoding-name=JPEG,payload=26';
  const rtp = [
    'udpsrc',
    `port=${port}`,
    `caps=${caps}`,
    '!',
    'b.recv_rtp_sink_0',
    'b.',
    '!',
    'rtpjpegdepay',
    '!',
    'fakesink',
  ];
  const heard = ['udpsrc', `port=${port + 1}`, '!', 'b.recv_rtcp_sink_0'];
  const said = [
    'b.send_rtcp_src_0',
    '!',
    'udpsink',
    'host=127.0.0.1',
    `port=${reportsTo}`,
    'sync=false',
    'async=false',
  ];
  return startReceiver('gst-launch-1.0', ['-q', 'rtpbin', 'name=b', ...rtp, ...heard, ...said], port);
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
  const closed = once(child, 'close');
  const done = closed.then(([code]) => {
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

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AF_INET } from '../../../src/native/socket-address.ts';
import { UdpSocket } from '../../../src/native/udp-socket.ts';
import { buildBareSender } from '../bare-sender.ts';
import { cpuMsOf, cpuMsPerUnit } from '../child-cpu.ts';
import { comparedFigure, type Figure, median } from '../figure.ts';
import { makePicture, PICTURE } from '../picture.ts';

const ROUNDS = 5;
/** RTP packets as long as Ethernet allows, for all. */
const PACKET_BYTES = 1472;
/** Master key and salt of AES_CM_128_HMAC_SHA1_80. */
const SRTP_KEY_BYTES = 30;
const MAIN = join(import.meta.dirname, '../../..', 'src', 'main.ts');

interface Sender {
  readonly name: string;
  /** Frames of the short and the long run: the difference should take a few hundred milliseconds. */
  readonly few: number;
  readonly many: number;
  run(frames: number): Promise<number>;
}

/**
 * CPU time (user and system) to send one 1080p picture of about 265 KB as RTP/JPEG to a loopback socket that nobody
 * reads, start-up subtracted: cambox against GStreamer, ffmpeg and, where there is a C compiler, a bare C sender with
 * segmentation offload; the same encrypted (SRTP) against GStreamer. All read the picture from a file for every frame; medians of rounds in turn.
 */
export async function* measure(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-rtp-'));
  using receiver = UdpSocket.open(AF_INET);
  receiver.bind({ address: '127.0.0.1', port: 0 });
  try {
    const picture = makePicture(folder);
    const { port } = receiver.localAddress();
    const results = await inTurn(senders(picture, port, folder));
    const cpuMs = (name: string): number => median(results.get(name) ?? []);
    for (const peer of ['gstreamer', 'ffmpeg', 'c_gso']) {
      if (!results.has(peer)) continue;
      yield comparedFigure('rtp.cpu_ms_per_frame', cpuMs('cambox'), 'ms', peer, cpuMs(peer));
    }
    yield comparedFigure('rtp.dgram_cpu_ms_per_frame', cpuMs('cambox dgram'), 'ms', 'gstreamer', cpuMs('gstreamer'));
    const [ours, theirs] = [cpuMs('cambox srtp'), cpuMs('gstreamer srtp')];
    yield comparedFigure('rtp.srtp_cpu_ms_per_frame', ours, 'ms', 'gstreamer', theirs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function inTurn(all: readonly Sender[]): Promise<Map<string, number[]>> {
  const results = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, few, many, run } of all) results.get(name)?.push(await cpuMsPerUnit(few, many, run));
  }
  return results;
}

function senders(picture: string, port: number, folder: string): Sender[] {
  const key = randomBytes(SRTP_KEY_BYTES);
  const keyFile = join(folder, 'srtp-key');
  writeFileSync(keyFile, key.toString('base64'));
  const cambox = (frames: number, ...options: string[]): Promise<number> => {
    const args = [MAIN, 'stream', picture, '--to', `rtp://127.0.0.1:${port}`, '--unpaced', '--loop'];
    return cpuMsOf(process.execPath, [...args, '--frames', String(frames), ...options]);
  };
  return [
    { name: 'cambox', few: 1000, many: 6000, run: (frames) => cambox(frames) },
    {
      name: 'gstreamer',
      few: 100,
      many: 1100,
      run: (frames) => cpuMsOf('gst-launch-1.0', gstreamer(picture, port, frames)),
    },
    { name: 'ffmpeg', few: 100, many: 1100, run: (frames) => cpuMsOf('ffmpeg', ffmpeg(picture, port, frames)) },
    ...bareSender(picture, port, folder),
    { name: 'cambox dgram', few: 200, many: 1200, run: (frames) => cambox(frames, '--transport', 'dgram') },
    { name: 'cambox srtp', few: 100, many: 600, run: (frames) => cambox(frames, '--srtp-key-file', keyFile) },
    {
      name: 'gstreamer srtp',
      few: 50,
      many: 300,
      run: (frames) => cpuMsOf('gst-launch-1.0', gstreamer(picture, port, frames, key)),
    },
  ];
}

/** Without jpegparse, which would cost it several times as much as sending. */
function gstreamer(picture: string, port: number, frames: number, srtpKey?: Buffer): string[] {
  const caps = `image/jpeg,width=${PICTURE.width},height=${PICTURE.height},framerate=30/1`;
  const source = ['multifilesrc', `location=${picture}`, 'loop=true', `num-buffers=${frames}`, `caps=${caps}`];
  const sink = ['udpsink', 'host=127.0.0.1', `port=${port}`, 'sync=false', 'async=false'];
  const encrypt = srtpKey === undefined ? [] : ['srtpenc', `key=${srtpKey.toString('hex')}`, '!'];
  return ['-q', ...source, '!', 'rtpjpegpay', `mtu=${PACKET_BYTES}`, '!', ...encrypt, ...sink];
}

function ffmpeg(picture: string, port: number, frames: number): string[] {
  const input = ['-v', 'error', '-stream_loop', '-1', '-f', 'mjpeg', '-i', picture, '-frames:v', String(frames)];
  return [...input, '-c', 'copy', '-f', 'rtp', `rtp://127.0.0.1:${port}?pkt_size=${PACKET_BYTES}`];
}

function bareSender(picture: string, port: number, folder: string): Sender[] {
  const program = buildBareSender(folder);
  if (program === undefined) return [];
  const run = (frames: number): Promise<number> => cpuMsOf(program, [picture, String(port), String(frames)]);
  return [{ name: 'c_gso', few: 1000, many: 6000, run }];
}

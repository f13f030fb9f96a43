import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { cpuMsOf, cpuMsPerUnit } from '../child-cpu.ts';
import { comparedFigure, type Figure, figure, median } from '../figure.ts';
import { makePicture, PICTURE } from '../picture.ts';

const ROUNDS = 3;
/** More than any camera has, so that little time passes until all code that is worth it has been compiled. */
const FPS = 200;
const FEW = 1000;
const MANY = 3000;
const PORT = 17_004;
const MAIN = join(import.meta.dirname, '../../..', 'src', 'main.ts');
/** A receiver that lost a packet ends with 1; its frames cost the same. */
const ACCEPTED = [0, 1];

/**
 * CPU time (user and system) to receive one 1080p picture of about 265 KB as RTP/JPEG from a socket on loopback and put it
 * together, start-up subtracted: cambox against ffmpeg and GStreamer, none of which decodes or stores it. One sender sends
 * to them in turn; medians of rounds.
 */
export async function* measure(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-receive-'));
  const sdp = join(folder, 'stream.sdp');
  const sender = startSender(makePicture(folder), sdp);
  try {
    while (!existsSync(sdp)) await SYSTEM_CLOCK.sleep(50);
    const receivers = { cambox: cambox(), ffmpeg: ffmpeg(sdp), gstreamer: gstreamer() };
    const results: Record<keyof typeof receivers, number[]> = { cambox: [], ffmpeg: [], gstreamer: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of ['cambox', 'ffmpeg', 'gstreamer'] as const) {
        results[name].push(await cpuMsPerUnit(FEW, MANY, receivers[name]));
      }
    }
    const cpuMs = median(results.cambox);
    yield comparedFigure('receive.cpu_ms_per_frame', cpuMs, 'ms', 'ffmpeg', median(results.ffmpeg));
    yield comparedFigure('receive.cpu_ms_per_frame', cpuMs, 'ms', 'gstreamer', median(results.gstreamer));
    yield figure('receive.picture_kb', PICTURE.bytes / 1000, 'KB');
  } finally {
    sender.kill('SIGKILL');
    await once(sender, 'close');
    rmSync(folder, { recursive: true });
  }
}

/** It runs until it is killed, so its CPU time is never among that of ended children. */
function startSender(picture: string, sdp: string): ChildProcess {
  const args = [
    MAIN,
    'stream',
    picture,
    '--loop',
    '--to',
    `rtp://127.0.0.1:${PORT}`,
    '--fps',
    String(FPS),
    '--sdp',
    sdp,
  ];
  return spawn(process.execPath, args, { stdio: 'ignore' });
}

type Run = (frames: number) => Promise<number>;

const cambox = (): Run => (frames) =>
  cpuMsOf(process.execPath, [MAIN, 'receive', '--port', String(PORT), '--frames', String(frames)], ACCEPTED);

const ffmpeg =
  (sdp: string): Run =>
  (frames) => {
    const input = ['-v', 'error', '-protocol_whitelist', 'file,udp,rtp', '-buffer_size', '4194304', '-i', sdp];
    return cpuMsOf('ffmpeg', [...input, '-c', 'copy', '-frames:v', String(frames), '-f', 'null', '-']);
  };

const gstreamer = (): Run => (frames) => {
  const caps = 'application/x-rtp,media=video,clock-rate=90000,encoding-name=JPEG,payload=26';
  const source = ['udpsrc', `port=${PORT}`, 'buffer-size=4194304', `caps=${caps}`, '!', 'rtpjpegdepay'];
  return cpuMsOf('gst-launch-1.0', ['-q', ...source, '!', 'identity', `eos-after=${frames + 1}`, '!', 'fakesink']);
};

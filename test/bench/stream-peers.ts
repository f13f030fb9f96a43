import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freeRtpPort } from '../support/rtp-receivers.ts';
import { type BenchCambox, type Running, running } from './bench-cambox.ts';

export interface SenderJob {
  readonly cambox: BenchCambox;
  readonly picture: string;
  /** The same as a file that plays at `fps`. */
  readonly movie: string;
  readonly port: number;
  readonly fps: number;
}

/** Sends the picture again and again at a camera's pace. */
export function startSender(name: 'cambox' | 'gstreamer' | 'ffmpeg', job: SenderJob): Running {
  const { cambox, picture, movie, port, fps } = job;
  switch (name) {
    case 'cambox':
      return cambox.start('stream', picture, '--loop', '--fps', String(fps), '--to', `rtp://127.0.0.1:${port}`);
    case 'gstreamer': {
      const source = ['filesrc', `location=${movie}`, '!', 'matroskademux'];
      const sink = ['rtpjpegpay', '!', 'udpsink', 'host=127.0.0.1', `port=${port}`];
      return peer('gst-launch-1.0', ['-q', ...source, '!', ...sink]);
    }
    case 'ffmpeg':
      return peer('ffmpeg', ['-v', 'error', '-re', '-i', movie, '-c', 'copy', '-f', 'rtp', `rtp://127.0.0.1:${port}`]);
  }
}

const peer = (program: string, args: readonly string[]): Running =>
  running(spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }));

export interface DefaultReceiver extends AsyncDisposable {
  readonly port: number;
  /** Ends it. */
  counts(): Promise<{ readonly received: number; readonly lost: number }>;
}

/** default-receiver.ts in a process of its own. Resolves when it listens. */
export async function startDefaultReceiver(): Promise<DefaultReceiver> {
  const port = await freeRtpPort();
  const program = join(import.meta.dirname, 'default-receiver.ts');
  const child = spawn(process.execPath, [program, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'readable');
  const output = text(child.stdout);
  const process_ = running(child);
  return {
    port,
    async counts() {
      await process_[Symbol.asyncDispose]();
      return JSON.parse(await output);
    },
    [Symbol.asyncDispose]: () => process_[Symbol.asyncDispose](),
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freeRtpPort } from '../support/rtp-receivers.ts';
import { type BenchCambox, type Running, running } from './bench-cambox.ts';

/** More than any bench waits for. */
const FRAMES_MAX = 100_000;

export interface SenderJob {
  readonly cambox: BenchCambox;
  /** The program of gso-sender.c. */
  readonly bare: string | undefined;
  readonly picture: string;
  /** The same as a file that plays at `fps`. */
  readonly movie: string;
  readonly port: number;
  readonly fps: number;
}

export type SenderName = 'cambox' | 'c_gso' | 'gstreamer' | 'ffmpeg';

/** Sends the picture again and again at a camera's pace. Undefined when that sender is not there. */
export function startSender(name: SenderName, job: SenderJob): Running | undefined {
  const { cambox, bare, picture, movie, port, fps } = job;
  switch (name) {
    case 'c_gso':
      return bare === undefined ? undefined : peer(bare, [picture, String(port), String(FRAMES_MAX), String(fps)]);
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

/** The same pictures, played at the same pace and sent nowhere. */
export const startSource = ({ picture, fps }: Pick<SenderJob, 'picture' | 'fps'>): Running =>
  peer(process.execPath, [join(import.meta.dirname, 'paced-source.ts'), picture, String(fps)]);

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

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { requestOverSocket } from '../../src/control/socket/request-over-socket.ts';
import { BenchCambox } from './bench-cambox.ts';
import { type Figure, figure, median } from './figure.ts';
import { makePicture } from './picture.ts';
import { cpuMsOfThreads } from './process-load.ts';
import { startDefaultReceiver } from './stream-peers.ts';

const ROUNDS = 3;
const WARM_UP_MS = 8000;
const STREAMED_MS = 12_000;
/** Clips of two lengths: their difference is what a second of recording costs, the rest what it costs to begin and to end. */
const CLIP_S = { few: 3, many: 15 };

/**
 * What recording as a copy adds to a 1080p30 camera that is streamed: CPU of the daemon and of the clip's ffmpeg, less what the
 * daemon takes for streaming alone, in percent of one core. Streaming and recording in turn.
 */
export async function* copyBesideStreaming(folder: string): AsyncGenerator<Figure> {
  const cambox = await BenchCambox.build(folder);
  await using receiver = await startDefaultReceiver();
  const camera = { id: 'front', source: makePicture(folder), fps: 30, pre_roll_s: 5, pre_roll_mb: 64 };
  await using daemon = cambox.run([{ ...camera, rtp: [{ host: '127.0.0.1', port: receiver.port }] }]);
  const socket = join(folder, 'control.sock');
  await SYSTEM_CLOCK.sleep(WARM_UP_MS);
  await recordClip(socket, CLIP_S.few);
  const streaming: number[] = [];
  const added: number[] = [];
  const beginning: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await cpuDuring(daemon.pid, () => SYSTEM_CLOCK.sleep(STREAMED_MS));
    const pct = (alone.cpuMs / alone.tookMs) * 100;
    const clipMs = async (seconds: number): Promise<number> => {
      const { cpuMs, tookMs } = await cpuDuring(daemon.pid, () => recordClip(socket, seconds));
      return cpuMs - (tookMs * pct) / 100;
    };
    const [few, many] = [await clipMs(CLIP_S.few), await clipMs(CLIP_S.many)];
    const aSecondMs = (many - few) / (CLIP_S.many - CLIP_S.few);
    streaming.push(pct);
    added.push(aSecondMs / 10);
    beginning.push(few - aSecondMs * CLIP_S.few);
  }
  yield figure('record.streaming_alone_1080p30_cpu', median(streaming), '%');
  yield figure('record.copy_1080p30_added_cpu', median(added), '%');
  yield figure('record.copy_1080p30_begin_and_end_cpu_ms', median(beginning), 'ms');
}

/** A clip of copies, without a past. */
async function recordClip(socket: string, seconds: number): Promise<void> {
  const args = { camera: 'front', pre_s: 0, duration_s: seconds, encoder: 'copy' };
  const { status, error } = await requestOverSocket(socket, 'clip.start', args);
  if (status !== 'succeeded') throw new Error(`clip.start ${status}: ${error?.message}`);
}

/** CPU of a process and of its children that ended meanwhile. */
async function cpuDuring(pid: number, work: () => Promise<void>): Promise<{ cpuMs: number; tookMs: number }> {
  const cpuMs = (): number => cpuMsOfThreads(pid) + endedChildrenCpuMs(pid);
  const [before, start] = [cpuMs(), performance.now()];
  await work();
  return { cpuMs: cpuMs() - before, tookMs: performance.now() - start };
}

/** cutime and cstime of proc_pid_stat(5), in ticks of 10 ms. */
function endedChildrenCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

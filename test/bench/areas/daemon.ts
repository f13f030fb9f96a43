import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { buildBareSender } from '../bare-sender.ts';
import { BenchCambox } from '../bench-cambox.ts';
import { comparedFigure, type Figure, figure } from '../figure.ts';
import { makeMovie, makePicture } from '../picture.ts';
import { loadOf, rssMb } from '../process-load.ts';
import { startDefaultReceiver, startSender, startSource } from '../stream-peers.ts';

/** Until all code that is worth it has been compiled, and the pre-roll ring is full: a box runs for years. */
const WARM_UP_MS = 25_000;
/** Of programs that were compiled before. */
const PEER_WARM_UP_MS = 4000;
const WATCHED_MS = 12_000;
const FPS = 30;
const PRE_ROLL_S = 5;
const CAMERA_COUNTS = [1, 2, 4, 8];
/** Ten minutes of 30 frames a second at eight times the speed, after the heap has been trimmed twice. */
const SLOPE = { fps: 240, minutesOf30: 10, samples: 20, afterMs: 105_000 };

/**
 * The running program: CPU time and memory of `cambox stream` and of the whole daemon at a camera's pace, and what a
 * receiver with the kernel's default buffer loses of its packets and of GStreamer's and ffmpeg's. CPU in percent of one core.
 */
export async function* measure(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-daemon-'));
  try {
    const cambox = await BenchCambox.build(folder);
    const picture = makePicture(folder);
    yield* pacedStreams(cambox, picture, folder);
    yield* fourCameras(cambox, picture);
    yield* wholeDaemon(cambox, picture);
    yield* moreAndMoreCameras(cambox);
    yield* memorySlope(cambox, picture);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * One 1080p30 stream: cambox against the others, each to a receiver of its own. What cambox spends beyond playing the file
 * is what a camera's stream costs.
 */
async function* pacedStreams(cambox: BenchCambox, picture: string, folder: string): AsyncGenerator<Figure> {
  const movie = makeMovie(folder, picture, ((PEER_WARM_UP_MS + WATCHED_MS) / 1000 + 2) * FPS, FPS);
  const job = { cambox, bare: buildBareSender(folder), picture, movie, fps: FPS };
  const results = new Map<string, { cpuPct: number; lost: number; packets: number }>();
  for (const name of ['cambox', 'c_gso', 'gstreamer', 'ffmpeg'] as const) {
    await using receiver = await startDefaultReceiver();
    await using sender = startSender(name, { ...job, port: receiver.port });
    if (sender === undefined) continue;
    await SYSTEM_CLOCK.sleep(name === 'cambox' ? WARM_UP_MS : PEER_WARM_UP_MS);
    const { cpuPct, rssMb: megabytes } = await loadOf(sender.pid, WATCHED_MS);
    await sender[Symbol.asyncDispose]();
    const { received, lost } = await receiver.counts();
    results.set(name, { cpuPct, lost, packets: received + lost });
    if (name === 'cambox') yield figure('daemon.stream_rss', megabytes, 'MB');
  }
  const ours = results.get('cambox')!;
  for (const [name, { cpuPct, lost, packets }] of results) {
    if (name !== 'cambox') yield comparedFigure('daemon.stream_1080p30_cpu', ours.cpuPct, '%', name, cpuPct);
    yield figure(`daemon.packets_lost.${name}`, lost, `of ${packets}`);
  }
  await using source = startSource(job);
  await SYSTEM_CLOCK.sleep(WARM_UP_MS);
  const { cpuPct } = await loadOf(source.pid, WATCHED_MS);
  yield figure('daemon.send_path_1080p30_cpu', ours.cpuPct - cpuPct, '%');
}

async function* fourCameras(cambox: BenchCambox, picture: string): AsyncGenerator<Figure> {
  const fps = 60;
  await using receivers = new AsyncDisposableStack();
  const ports = await Promise.all(
    Array.from({ length: 4 }, async () => receivers.use(await startDefaultReceiver()).port),
  );
  const cameras = ports.map((port, i) => ({
    ...camera(`c${i}`, picture, fps),
    pre_roll_s: 0,
    rtp: [{ host: '127.0.0.1', port }],
  }));
  await using daemon = cambox.run(cameras);
  await SYSTEM_CLOCK.sleep(WARM_UP_MS);
  const { cpuPct } = await loadOf(daemon.pid, WATCHED_MS);
  yield figure('daemon.4x1080p60_cpu', cpuPct, '%');
}

/** One 1080p30 camera, streamed, with a pre-roll ring: all that the box does when nothing happens. */
async function* wholeDaemon(cambox: BenchCambox, picture: string): AsyncGenerator<Figure> {
  await using receiver = await startDefaultReceiver();
  const rtp = [{ host: '127.0.0.1', port: receiver.port }];
  await using daemon = cambox.run([{ ...camera('front', picture, FPS), rtp }]);
  await SYSTEM_CLOCK.sleep(WARM_UP_MS);
  const load = await loadOf(daemon.pid, WATCHED_MS);
  const { health, cameras } = await daemon.status();
  yield figure('daemon.1080p30_pre_roll_cpu', load.cpuPct, '%');
  yield figure('daemon.rss_beyond_frames', load.rssMb - health.proc.frames.peak_bytes / 2 ** 20, 'MB');
  const latency = cameras['front']?.latency.p99_ms;
  if (typeof latency === 'number') yield figure('daemon.latency_p99', latency, 'ms');
}

async function* moreAndMoreCameras(cambox: BenchCambox): AsyncGenerator<Figure> {
  for (const count of CAMERA_COUNTS) {
    await using receiver = await startDefaultReceiver();
    const rtp = [{ host: '127.0.0.1', port: receiver.port }];
    const cameras = Array.from({ length: count }, (_, i) => ({
      ...camera(`c${i}`, 'synthetic:1280x720', FPS),
      pre_roll_mb: 8,
      rtp,
    }));
    await using daemon = cambox.run(cameras);
    await SYSTEM_CLOCK.sleep(WARM_UP_MS);
    const { cpuPct } = await loadOf(daemon.pid, WATCHED_MS);
    yield figure(`daemon.cpu_a_camera.${count}`, cpuPct / count, '%');
  }
}

/** Growth of resident memory while frames of ten minutes pass. */
async function* memorySlope(cambox: BenchCambox, picture: string): AsyncGenerator<Figure> {
  const { fps, minutesOf30, samples, afterMs } = SLOPE;
  await using receiver = await startDefaultReceiver();
  const rtp = [{ host: '127.0.0.1', port: receiver.port }];
  await using daemon = cambox.run([{ ...camera('front', picture, fps), pre_roll_mb: 24, rtp }]);
  await SYSTEM_CLOCK.sleep(afterMs);
  const watchedMs = (minutesOf30 * 60_000 * 30) / fps;
  const readings: number[] = [];
  for (let i = 0; i < samples; i++) {
    await SYSTEM_CLOCK.sleep(watchedMs / samples);
    readings.push(rssMb(daemon.pid));
  }
  const minutes = readings.map((_, i) => (i * minutesOf30) / samples);
  yield figure('daemon.rss_slope', slope(minutes, readings) * 1024, 'KB a minute of 30 frames a second');
}

const camera = (id: string, source: string, fps: number) => ({
  id,
  source,
  fps,
  pre_roll_s: PRE_ROLL_S,
  pre_roll_mb: 48,
});

/** Of the line through the points that fits best. */
function slope(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const covariance = xs.reduce((sum, x, i) => sum + (x - meanX) * (ys[i]! - meanY), 0);
  return covariance / xs.reduce((sum, x) => sum + (x - meanX) ** 2, 0);
}

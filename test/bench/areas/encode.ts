import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncodeDesk, JpegEncoder } from '../../../src/capture/raw/jpeg-encoder.ts';
import { PicturePlanes } from '../../../src/capture/raw/turbojpeg/picture-planes.ts';
import { openTurboJpeg } from '../../../src/capture/raw/turbojpeg/turbojpeg-encoder.ts';
import { koffi } from '../../../src/native/koffi.ts';
import type { Colorimetry } from '../../../src/v4l2/colorimetry.ts';
import { rawPictureOf } from '../../support/encode-once.ts';
import { cpuMsOf, cpuMsPerUnit } from '../child-cpu.ts';
import { comparedFigure, type Figure, figure, median } from '../figure.ts';

const ROUNDS = 7;
/** Pictures a measurement. */
const PICTURES = 40;
const SIZE = { width: 1920, height: 1080 };
const QUALITY = 85;
const FULL: Colorimetry = { matrix: 'bt601', range: 'full' };
const LIMITED: Colorimetry = { matrix: 'bt601', range: 'limited' };
const BT709: Colorimetry = { matrix: 'bt709', range: 'limited' };
/** GStreamer's runs: the difference takes about two seconds. */
const FEW = 20;
const MANY = 220;

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/**
 * What a raw YUYV picture of 1080p costs until it is a JPEG, one and two in flight: CPU of the process, time until it is
 * done, and the part that the event loop has to wait for. Against GStreamer's jpegenc with the same picture and quality,
 * what it needs to read the picture subtracted. GStreamer takes every picture to be of full range, so that is what the
 * ratio compares. Medians of rounds in turn.
 */
export async function* measure(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-encode-'));
  try {
    const path = join(folder, 'picture.yuv');
    makePicture(path);
    const raw = new Uint8Array(readFileSync(path));
    const one: Cost[] = [];
    const two: Cost[] = [];
    const gstreamer: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      one.push(await encodeAll(raw, FULL, 1));
      two.push(await encodeAll(raw, FULL, 2));
      gstreamer.push(await gstreamerMs(path));
    }
    const peer = median(gstreamer);
    yield comparedFigure('encode.cpu_ms_per_picture', median(one.map(({ cpuMs }) => cpuMs)), 'ms', 'gstreamer', peer);
    const bothCpuMs = median(two.map(({ cpuMs }) => cpuMs));
    yield comparedFigure('encode.two_in_flight_cpu_ms', bothCpuMs, 'ms', 'gstreamer', peer);
    yield figure('encode.wall_ms_per_picture', median(one.map(({ wallMs }) => wallMs)), 'ms');
    yield figure('encode.two_in_flight_wall_ms', median(two.map(({ wallMs }) => wallMs)), 'ms');
    yield figure('encode.compress_on_event_loop_ms', compressHereMs(raw), 'ms');
    yield figure('encode.event_loop_ms', await eventLoopMs(raw), 'ms');
    yield figure('encode.limited_range_cpu_ms', (await encodeAll(raw, LIMITED, 1)).cpuMs, 'ms');
    yield figure('encode.bt709_cpu_ms', (await encodeAll(raw, BT709, 1)).cpuMs, 'ms');
    yield figure('encode.rss_growth_mb', await rssGrowthMb(raw), 'MB');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function makePicture(path: string): void {
  const scene = `mandelbrot=s=${SIZE.width}x${SIZE.height},noise=alls=12:all_seed=1`;
  const output = ['-frames:v', '1', '-pix_fmt', 'yuyv422', '-f', 'rawvideo', path];
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', scene, ...output]);
}

const open = (colours: Colorimetry, desks: number): JpegEncoder =>
  openTurboJpeg(rawPictureOf({ fourcc: 'YUYV', ...SIZE, bytesPerLine: 0 }, colours), QUALITY, desks);

/** So many at the same time, each desk one picture after the other. */
async function encodeAll(raw: Uint8Array, colours: Colorimetry, inFlight: number): Promise<Cost> {
  await using encoder = open(colours, inFlight);
  const outs = encoder.desks.map(() => new Uint8Array(encoder.maxJpegBytes));
  await Promise.all(encoder.desks.map((desk, i) => encodeAt(desk, raw, outs[i]!, 2))); // touches all memory
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await Promise.all(encoder.desks.map((desk, i) => encodeAt(desk, raw, outs[i]!, PICTURES / inFlight)));
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000 / PICTURES, wallMs: (performance.now() - start) / PICTURES };
}

async function encodeAt(desk: EncodeDesk, raw: Uint8Array, out: Uint8Array, pictures: number): Promise<void> {
  for (let i = 0; i < pictures; i++) {
    desk.load(raw);
    const outcome = await desk.encode(out);
    if (typeof outcome !== 'number') throw new Error(outcome.fault);
  }
}

/** libjpeg-turbo alone, from planes, on the thread that waits for it: what the thread pool is for. */
function compressHereMs(raw: Uint8Array): number {
  const { layout, geometry, width, height } = rawPictureOf({ fourcc: 'YUYV', ...SIZE, bytesPerLine: 0 }, FULL);
  const planes = new PicturePlanes(layout, geometry, width, height);
  planes.fill(raw);
  const library = koffi.load('libturbojpeg.so.0');
  const handle: unknown = library.func('void *tjInitCompress(void)')();
  const parameters = 'void *, void *, int, void *, int, int, void *, void *, int, int';
  const compress = library.func(`int tjCompressFromYUVPlanes(${parameters})`);
  const [place, length] = [new BigUint64Array(1), new BigUint64Array(1)]; // the library allocates, once
  const times = Array.from({ length: PICTURES }, () => {
    const start = performance.now();
    const { addresses, strides } = planes;
    const result: number = compress(handle, addresses, width, strides, height, 1, place, length, QUALITY, 0);
    if (result !== 0) throw new Error(`tjCompressFromYUVPlanes: ${result}`);
    return performance.now() - start;
  });
  return median(times);
}

/** The driver's memory is read on the event loop. */
async function eventLoopMs(raw: Uint8Array): Promise<number> {
  await using encoder = open(FULL, 1);
  const times = Array.from({ length: PICTURES }, () => {
    const start = performance.now();
    encoder.desks[0]!.load(raw);
    return performance.now() - start;
  });
  return median(times);
}

/** Over a thousand pictures, after the first hundred. */
async function rssGrowthMb(raw: Uint8Array): Promise<number> {
  await using encoder = open(LIMITED, 1);
  const out = new Uint8Array(encoder.maxJpegBytes);
  await encodeAt(encoder.desks[0]!, raw, out, 100);
  const before = process.memoryUsage.rss();
  await encodeAt(encoder.desks[0]!, raw, out, 1000);
  return (process.memoryUsage.rss() - before) / 1e6;
}

/** CPU of jpegenc: a pipeline with it, less the same without. */
async function gstreamerMs(path: string): Promise<number> {
  const caps = `video/x-raw,format=YUY2,width=${SIZE.width},height=${SIZE.height},framerate=30/1`;
  const run =
    (...encoder: string[]) =>
    (pictures: number): Promise<number> => {
      const source = ['multifilesrc', `location=${path}`, 'loop=true', `num-buffers=${pictures}`, `caps=${caps}`];
      return cpuMsOf('gst-launch-1.0', ['-q', ...source, '!', ...encoder, 'fakesink']);
    };
  const encoding = await cpuMsPerUnit(FEW, MANY, run('jpegenc', `quality=${QUALITY}`, '!'));
  return encoding - (await cpuMsPerUnit(FEW, MANY, run()));
}

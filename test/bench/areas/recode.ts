import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planRecode } from '../../../src/jpeg/recode/plan-recode.ts';
import { recodeJpeg } from '../../../src/jpeg/recode/recode-jpeg.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { koffi } from '../../../src/native/koffi.ts';
import { comparedFigure, type Figure, figure, median } from '../figure.ts';

const ROUNDS = 15;
/** Calls a measurement, as the kernel counts CPU time coarsely. */
const CALLS = 10;
const SIZE = '1920x1080';
/** A 1080p camera picture of high quality, as in the bench area "rtp". */
const PICTURE_BYTES = 265_000;

/** libjpeg-turbo makes the same pictures, but for grayscale, to which it adds no chroma. */
const PICTURES: Readonly<Record<string, readonly string[]>> = {
  optimised_420: ['-optimize', '-sample', '2x2'],
  optimised_422: ['-optimize', '-sample', '2x1'],
  strip_420: ['-sample', '2x2', '-restart', '1'],
  strip_422: ['-sample', '2x1', '-restart', '1'],
  optimised_grayscale: ['-optimize', '-grayscale'],
};

/**
 * CPU milliseconds to code a 1080p picture of about 265 KB anew without loss: cambox against libjpeg-turbo's
 * tjTransform (C, which decodes all coefficients and codes them with the standard tables). Medians of rounds in turn.
 */
export async function* measure(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-recode-'));
  try {
    const scene = join(folder, 'scene.ppm');
    makeScene(scene);
    const transform = losslessTransform();
    for (const [name, options] of Object.entries(PICTURES)) {
      const picture = cjpegOf(scene, options);
      const { ours, peers } = inTurn(recoder(picture), () => transform?.(picture));
      const label = `recode.${name}_cpu_ms`;
      if (transform === undefined) yield figure(label, ours, 'ms');
      else yield comparedFigure(label, ours, 'ms', 'libjpeg_turbo', peers);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function inTurn(one: () => void, other: () => void): { ours: number; peers: number } {
  const [ours, peers]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(cpuMsOf(one));
    peers.push(cpuMsOf(other));
  }
  return { ours: median(ours), peers: median(peers) };
}

/** CPU time of this thread for one of CALLS calls. */
function cpuMsOf(work: () => void): number {
  const start = process.threadCpuUsage();
  for (let i = 0; i < CALLS; i++) work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000 / CALLS;
}

function makeScene(path: string): void {
  const scene = `mandelbrot=s=${SIZE},noise=alls=12:all_seed=1`;
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', scene, '-frames:v', '1', path]);
}

/** At the quality that comes closest to PICTURE_BYTES. */
function cjpegOf(scene: string, options: readonly string[]): Uint8Array {
  const pictures = Array.from({ length: 20 }, (_, i) =>
    execFileSync('cjpeg', ['-quality', String(60 + 2 * i), ...options, scene], { maxBuffer: 1 << 24 }),
  );
  const distance = (picture: Uint8Array): number => Math.abs(picture.length - PICTURE_BYTES);
  return pictures.toSorted((a, b) => distance(a) - distance(b))[0]!;
}

function recoder(picture: Uint8Array): () => void {
  const layout = walkJpeg(picture);
  if (typeof layout === 'string') throw new Error(layout);
  const plan = planRecode(layout, picture, { restartMarkers: 'strip' });
  if (typeof plan === 'string') throw new Error(plan);
  const out = new Uint8Array(plan.capacityBytes);
  return () => {
    const length = recodeJpeg(picture, layout, plan, out);
    if (typeof length === 'string') throw new Error(length);
  };
}

/** tjtransform of turbojpeg.h, 2.x: all zero is "change nothing". */
const TRANSFORM_BYTES = 40;

/** libjpeg-turbo's lossless transformation, into memory of its own that it uses again; undefined where it is missing. */
function losslessTransform(): ((picture: Uint8Array) => void) | undefined {
  try {
    const library = koffi.load('libturbojpeg.so.0');
    const handle: unknown = library.func('void *tjInitTransform(void)')();
    const parameters = 'void *, void *, unsigned long, int, void *, void *, void *, int';
    const tjTransform = library.func(`int tjTransform(${parameters})`);
    const [place, length] = [new BigUint64Array(1), new BigUint64Array(1)];
    const unchanged = new Uint8Array(TRANSFORM_BYTES);
    return (picture) => {
      const result: number = tjTransform(handle, picture, picture.length, 1, place, length, unchanged, 0);
      if (result !== 0) throw new Error(`tjTransform: ${result}`);
    };
  } catch (failure) {
    process.stderr.write(`Without libjpeg-turbo: ${String(failure)}\n`);
    return undefined;
  }
}

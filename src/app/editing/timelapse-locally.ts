import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import { largerSize, type PictureSize } from '../../record/encoders/encoder-profile.ts';
import { LIBX264 } from '../../record/encoders/libx264.ts';
import { findFfmpeg } from '../../record/ffmpeg/find-ffmpeg.ts';
import { findFont } from '../../record/timelapse/find-font.ts';
import type { LabelWish } from '../../record/timelapse/label-text.ts';
import { lookAtVideo } from '../../record/timelapse/look-at-video.ts';
import type { Pace } from '../../record/timelapse/picture-slots.ts';
import { isPictureName, naturalOrder, timePictures } from '../../record/timelapse/read-pictures.ts';
import { runTimelapse } from '../../record/timelapse/timelapse-job.ts';
import type { TimelapseReport, TimelapseSource, TimelapseVideo } from '../../record/timelapse/timelapse-order.ts';
import { firstPictureSize, sizeFor } from '../../record/timelapse/timelapse-size.ts';
import { Unreadable } from '../../record/timelapse/unreadable.ts';
import { LocalJobs } from '../jobs/local-jobs.ts';
import { ensureOut } from './ensure-out.ts';

export interface LocalTimelapse {
  /** Folders, pictures, videos. */
  readonly sources: readonly string[];
  readonly out: string;
  /** Undefined: each picture once; videos sixty times as fast. */
  readonly pace: Pace | undefined;
  readonly fps: number;
  readonly size: PictureSize | undefined;
  readonly label: LabelWish | undefined;
  /** Undefined: found on this machine. */
  readonly font: string | undefined;
  readonly crf: number;
  readonly memoryMb: number;
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

export interface LocalTimelapseDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  onProgress(share: number): void;
}

const VIDEO = /\.(mp4|mkv|mov|avi|ts|m4v|webm)$/i;

/** Make a timelapse without the daemon. Throws what `runTimelapse` and `findFont` throw, and `not_found`. */
export async function timelapseLocally(order: LocalTimelapse, deps: LocalTimelapseDeps): Promise<TimelapseReport> {
  const out = resolve(order.out);
  await ensureOut(dirname(out), 'write into');
  const { source, unreadable } = await resolveSource(order);
  const size = sizeFor(order.size ?? (await sizeOf(source)));
  const label = order.label && { wish: order.label, font: await findFont(order.ffmpeg, order.font) };
  const { passthrough } = await findFfmpeg(order.ffmpeg);
  const { signal, clock } = deps;
  await using local = LocalJobs.open({ memoryMb: order.memoryMb, jobs: 1, signal, clock });
  const { fps, crf, ffmpeg, pace = 'each' } = order;
  const job = { source, out, pace, fps, size, label, encoder: LIBX264, crf, passthrough };
  const [outcome] = await local.runAll(
    [
      {
        workload: { kind: 'timelapse', encoder: LIBX264.name, ...largest(source, size), threads: 1 },
        title: `the timelapse ${out}`,
        run: (context) => runTimelapse(job, context, { ffmpeg, caps: local.caps, clock }),
      },
    ],
    (share) => deps.onProgress(share),
  );
  if (!outcome!.ok) throw outcome!.error;
  return unreadable.before(outcome!.result);
}

interface ResolvedSource {
  readonly source: TimelapseSource;
  readonly unreadable: Unreadable;
}

async function resolveSource({ sources, label, pace, ffprobe }: LocalTimelapse): Promise<ResolvedSource> {
  const files = (await Promise.all(sources.map(filesOf))).flat();
  const unreadable = new Unreadable();
  const pictures = files.filter(isPicture);
  if (pictures.length > 0) {
    const other = files.find((path) => !isPicture(path));
    if (other !== undefined) throw mixed(other);
    const wantsTimes = (label?.time ?? false) || (typeof pace === 'object' && 'speed' in pace);
    return { source: { kind: 'pictures', pictures: await timePictures(pictures, wantsTimes) }, unreadable };
  }
  const videos: TimelapseVideo[] = [];
  for (const path of files) {
    try {
      videos.push(await lookAtVideo(ffprobe, path));
    } catch (thrown) {
      const failure = asCamboxError(thrown, 'read', path);
      if (failure.code === 'missing_program' || files.length === 1) throw failure;
      unreadable.add(path, failure.message);
    }
  }
  if (videos.length > 0) return { source: { kind: 'videos', videos }, unreadable };
  throw new CamboxError(files.length === 0 ? 'not_found' : 'bad_input', {
    verb: 'make',
    thing: 'a timelapse',
    reason: unreadable.firstReason ?? `there are neither pictures (.jpg) nor videos in ${sources.join(', ')}`,
  });
}

const isPicture = (path: string): boolean => isPictureName(basename(path));

const mixed = (other: string): CamboxError =>
  new CamboxError('bad_argument', {
    verb: 'make',
    thing: 'a timelapse',
    reason: `it is made of pictures (.jpg) or of videos, not of both: ${other} is no picture`,
    remedy: 'Make one of each',
  });

/** A folder's pictures, or its videos when it has none. */
async function filesOf(source: string): Promise<string[]> {
  const path = resolve(source);
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path);
    const pictures = names.filter(isPictureName);
    const chosen = pictures.length > 0 ? pictures : names.filter((name) => VIDEO.test(name) && !name.startsWith('.'));
    return naturalOrder(chosen).map((name) => join(path, name));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file or folder' : message;
    throw new CamboxError(code === 'EACCES' ? 'not_permitted' : 'not_found', {
      verb: 'read',
      thing: path,
      reason,
      cause,
    });
  }
}

async function sizeOf(source: TimelapseSource): Promise<PictureSize> {
  if (source.kind === 'videos') return source.videos[0]!.facts.video.size;
  return firstPictureSize(source.pictures.map(({ path }) => path));
}

/** What has to be decoded, or encoded when that is larger. */
function largest(source: TimelapseSource, size: PictureSize): PictureSize {
  const inputs = source.kind === 'videos' ? source.videos.map(({ facts }) => facts.video.size) : [];
  return [...inputs, size].reduce(largerSize);
}

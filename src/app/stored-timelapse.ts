import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { asCamboxError, CamboxError } from '../base/errors.ts';
import type { Config } from '../config/config.ts';
import type { JobSpec } from '../jobs/job.ts';
import { type FoundClip, findClips } from '../record/clip/find-clips.ts';
import { largerSize } from '../record/encoders/encoder-profile.ts';
import { LIBX264 } from '../record/encoders/libx264.ts';
import type { FfmpegRunDeps } from '../record/ffmpeg/ffmpeg-job.ts';
import { findFfmpeg } from '../record/ffmpeg/find-ffmpeg.ts';
import { findFont } from '../record/timelapse/find-font.ts';
import { lookAtVideo } from '../record/timelapse/look-at-video.ts';
import { runTimelapse } from '../record/timelapse/timelapse-job.ts';
import type { TimelapseReport, TimelapseVideo } from '../record/timelapse/timelapse-order.ts';
import type { TimelapseRequest } from '../record/timelapse/timelapse-request.ts';
import { sizeFor } from '../record/timelapse/timelapse-size.ts';
import { Unreadable } from '../record/timelapse/unreadable.ts';

/** More are a mistyped time span. */
const MOST_CLIPS = 2000;

/**
 * The job that makes a timelapse of stored clips, beside them. Only the first clip is looked at here: its size tells what the
 * job needs; the others when it runs. Throws `not_found`, `bad_argument`, `bad_input`, `unsupported`, `missing_program`.
 */
export async function storedTimelapse(
  request: TimelapseRequest,
  { dir, ffmpeg, ffprobe, crf }: Config['record'],
  deps: FfmpegRunDeps,
): Promise<JobSpec<TimelapseReport>> {
  const folder = resolve(dir);
  const [first, ...others] = await clipsOf(request, folder);
  const firstVideo = await lookAtVideo(ffprobe, first.path);
  const size = sizeFor(request.size ?? firstVideo.facts.video.size);
  const label = request.label && { wish: request.label, font: await findFont(ffmpeg) };
  const { passthrough } = await findFfmpeg(ffmpeg);
  const key = JSON.stringify(['timelapse', [first, ...others].map(({ id }) => id), { ...request, clips: undefined }]);
  const name = `${first.id}-timelapse-${createHash('sha256').update(key).digest('hex').slice(0, 8)}.mp4`;
  const { pace, fps } = request;
  const common = { out: join(folder, name), pace, fps, size, label, encoder: LIBX264, crf, passthrough };
  return {
    workload: {
      kind: 'timelapse',
      encoder: LIBX264.name,
      ...largerSize(firstVideo.facts.video.size, size),
      threads: 1,
    },
    title: `timelapse ${name}`,
    key,
    deadlineMs: undefined,
    async run(context) {
      const videos: TimelapseVideo[] = [firstVideo];
      const unreadable = new Unreadable();
      for (const { path } of others) {
        context.signal.throwIfAborted();
        try {
          videos.push(await lookAtVideo(ffprobe, path));
        } catch (thrown) {
          unreadable.add(path, asCamboxError(thrown, 'read', path).message);
        }
      }
      const order = { ...common, source: { kind: 'videos', videos } } as const;
      return unreadable.before(await runTimelapse(order, context, { ...deps, ffmpeg }));
    },
  };
}

async function clipsOf({ clips }: TimelapseRequest, dir: string): Promise<[FoundClip, ...FoundClip[]]> {
  const all = { ids: [], camera: undefined, label: undefined, sinceMs: undefined, untilMs: undefined };
  let inOrder: readonly FoundClip[];
  if ('camera' in clips) {
    inOrder = await findClips(dir, { ...all, camera: clips.camera, sinceMs: clips.fromMs, untilMs: clips.untilMs });
  } else {
    const found = new Map((await findClips(dir, { ...all, ids: clips })).map((clip) => [clip.id, clip]));
    inOrder = clips.flatMap((id) => found.get(id) ?? []);
  }
  const [first, ...others] = inOrder;
  const failed = { verb: 'make', thing: 'the timelapse', received: clips } as const;
  if (first === undefined) throw new CamboxError('not_found', { ...failed, reason: 'there are no such clips' });
  if (others.length < MOST_CLIPS) return [first, ...others];
  const reason = `it would be made of ${inOrder.length} clips, ${MOST_CLIPS} are the most`;
  throw new CamboxError('bad_argument', { ...failed, reason });
}

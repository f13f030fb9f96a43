import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { asCamboxError } from '../../base/errors.ts';
import type { Config } from '../../config/config.ts';
import type { JobSpec } from '../../jobs/job.ts';
import { largerSize } from '../../record/encoders/encoder-profile.ts';
import { LIBX264 } from '../../record/encoders/libx264.ts';
import type { FfmpegRunDeps } from '../../record/ffmpeg/ffmpeg-job.ts';
import { findFfmpeg } from '../../record/ffmpeg/find-ffmpeg.ts';
import { timelapseName } from '../../record/made/made-names.ts';
import { madeTags } from '../../record/made/made-note.ts';
import { findFont } from '../../record/timelapse/find-font.ts';
import { lookAtVideo } from '../../record/timelapse/look-at-video.ts';
import { runTimelapse } from '../../record/timelapse/timelapse-job.ts';
import type { TimelapseReport, TimelapseVideo } from '../../record/timelapse/timelapse-order.ts';
import type { TimelapseRequest } from '../../record/timelapse/timelapse-request.ts';
import { sizeFor } from '../../record/timelapse/timelapse-size.ts';
import { Unreadable } from '../../record/timelapse/unreadable.ts';
import { timelapseOrder } from '../jobs/job-orders.ts';
import type { ClipSources } from './clip-sources.ts';
import { MadeRegister, type MadeRegisterDeps } from './made-register.ts';

/** More are a mistyped time span. */
const MOST_CLIPS = 2000;

export interface StoredTimelapseDeps extends MadeRegisterDeps, FfmpegRunDeps {
  /** The recording folder, absolute. */
  readonly dir: string;
  readonly record: Config['record'];
  readonly sources: ClipSources;
}

/**
 * The job that makes a timelapse of stored clips, beside them. Only the first clip is looked at here: its size tells what the
 * job needs; the others when it runs. Throws `not_found`, `bad_argument`, `bad_input`, `unsupported`, `missing_program`.
 */
export async function storedTimelapse(
  request: TimelapseRequest,
  deps: StoredTimelapseDeps,
): Promise<JobSpec<TimelapseReport>> {
  const { ffmpeg, ffprobe, crf } = deps.record;
  const clips = await deps.sources.chosen(request.clips, MOST_CLIPS);
  const [first, ...others] = clips;
  const firstVideo = await lookAtVideo(ffprobe, first.path);
  const size = sizeFor(request.size ?? firstVideo.facts.video.size);
  const label = request.label && { wish: request.label, font: await findFont(ffmpeg) };
  const { passthrough } = await findFfmpeg(ffmpeg);
  const key = JSON.stringify(['timelapse', clips.map(({ clip }) => clip), { ...request, clips: undefined }]);
  const name = timelapseName(first.clip, createHash('sha256').update(key).digest('hex').slice(0, 8));
  const { pace, fps } = request;
  const common = { out: join(deps.dir, name), pace, fps, size, label, encoder: LIBX264, crf, passthrough };
  return {
    workload: {
      kind: 'timelapse',
      encoder: LIBX264.name,
      ...largerSize(firstVideo.facts.video.size, size),
      threads: 1,
    },
    title: `timelapse ${name}`,
    key,
    order: timelapseOrder(
      request,
      clips.map(({ clip }) => clip),
    ),
    async run(context) {
      const reads = clips.map(({ path }) => path);
      await using register = MadeRegister.begin(deps, context.id, reads, 0);
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
      const { clip, camera, startedMs = firstVideo.startMs } = first;
      const note = register.note({ kind: 'timelapse', clip, camera, startedMs });
      const order = { ...common, source: { kind: 'videos', videos }, tags: madeTags(note) } as const;
      const report = await runTimelapse(order, context, { ...deps, ffmpeg });
      register.add(note, report);
      return unreadable.before(report);
    },
  };
}

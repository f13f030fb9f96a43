import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { ClipEditor } from '../control/box.ts';
import type { JobSpec } from '../jobs/job.ts';
import type { CutOutcome } from '../record/cut/cut-batch.ts';
import { assertCopies } from '../record/cut/cut-input.ts';
import { runCut } from '../record/cut/cut-job.ts';
import type { Accuracy, CutOrder } from '../record/cut/cut-order.ts';
import type { CutRange } from '../record/cut/cut-ranges.ts';
import { type CutReport, type CutRequest, isThere, orderClips, reportOf } from '../record/cut/cut-report.ts';
import { findInput } from '../record/cut/find-input.ts';
import { LIBX264 } from '../record/encoders/libx264.ts';
import { findFfmpeg } from '../record/ffmpeg/find-ffmpeg.ts';
import type { MemoryCaps } from '../record/memory/memory-caps.ts';
import type { TimelapseReport } from '../record/timelapse/timelapse-order.ts';
import type { TimelapseRequest } from '../record/timelapse/timelapse-request.ts';
import { removeLeftovers } from '../record/whole-file.ts';
import { storedTimelapse } from './stored-timelapse.ts';

export interface ClipEditorDeps {
  /** As the config is now. */
  record(): Config['record'];
  readonly caps: MemoryCaps;
  readonly clock: Clock;
}

/** Makes jobs of what is asked of stored clips. They are found by their ids, and what is made of them stands beside them. */
export class StoredClipEditor implements ClipEditor {
  readonly #deps: ClipEditorDeps;
  /** One look at a time: hundreds of requests must not start hundreds of ffprobes. */
  #looking: Promise<unknown> = Promise.resolve();

  constructor(deps: ClipEditorDeps) {
    this.#deps = deps;
  }

  /** Remove what a daemon that was killed left half-written; jobs asked for meanwhile wait. Never throws. */
  prepare(logger: Logger): Promise<void> {
    const dir = resolve(this.#deps.record().dir);
    return this.#oneAtATime(async () => {
      try {
        const files = await removeLeftovers(dir);
        if (files.length > 0) logger.info('leftovers_removed', { files });
      } catch (failure) {
        logger.warn('leftovers_stay', { dir, problem: (failure as Error).message });
      }
    });
  }

  async cut(request: CutRequest): Promise<JobSpec<CutReport>> {
    const { clip, accuracy, ranges } = request;
    const { dir, ffmpeg, ffprobe, crf } = this.#deps.record();
    const input = await findClip(resolve(dir), clip);
    const facts = await this.#oneAtATime(() => findInput(ffprobe, input, 'cut'));
    assertCopies(facts, accuracy, input);
    const nameOf = (_i: number, _of: number, range: CutRange): string =>
      join(resolve(dir), cutName(clip, range, accuracy));
    const orders = orderClips(ranges, facts.video.durationUs ?? 0, nameOf);
    const encoding: CutOrder['encoding'] =
      accuracy === 'copy'
        ? { accuracy }
        : { accuracy, crf, encoder: LIBX264, passthrough: (await findFfmpeg(ffmpeg)).passthrough };
    const order = { input, facts, encoding, clips: orders.filter(isThere) };
    const { caps, clock } = this.#deps;
    return {
      workload: { kind: 'cut', encoder: accuracy === 'copy' ? 'copy' : LIBX264.name, ...facts.video.size, threads: 1 },
      title: `cut ${clip}`,
      key: JSON.stringify(['cut', clip, accuracy, ranges]),
      deadlineMs: undefined,
      async run(context) {
        const outcomes: CutOutcome[] = [];
        await runCut(order, context, { ffmpeg, caps, clock }, (outcome) => void outcomes.push(outcome));
        return reportOf(orders, outcomes);
      },
    };
  }

  timelapse(request: TimelapseRequest): Promise<JobSpec<TimelapseReport>> {
    const { caps, clock } = this.#deps;
    return this.#oneAtATime(() => storedTimelapse(request, this.#deps.record(), { caps, clock }));
  }

  #oneAtATime<T>(look: () => Promise<T>): Promise<T> {
    const turn = this.#looking.then(look);
    this.#looking = turn.catch(() => undefined); // its own caller is told
    return turn;
  }
}

/** `front-1-cut-4000-6000.mp4`: from and to in milliseconds, so that the same range has the same name. */
function cutName(clip: string, { startUs, durationUs }: CutRange, accuracy: Accuracy): string {
  const ms = (us: number): string => String(Math.round(us / 1000));
  const until = durationUs === undefined ? 'end' : ms(startUs + durationUs);
  return `${clip}-cut-${ms(startUs)}-${until}${accuracy === 'exact' ? '-exact' : ''}.mp4`;
}

/** The file of a clip, also of one that is still being written. Throws `not_found`. */
async function findClip(dir: string, clip: string): Promise<string> {
  for (const name of [`${clip}.mp4`, `${clip}.mp4.partial`]) {
    const path = join(dir, name);
    const isFile = await access(path).then(
      () => true,
      () => false,
    );
    if (isFile) return path;
  }
  throw new CamboxError(
    'not_found',
    { verb: 'find', thing: `clip ${clip}`, reason: `there is no such file in ${dir}` },
    '/args/clip',
  );
}

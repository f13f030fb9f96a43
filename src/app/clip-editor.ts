import { join, resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { ClipEditor } from '../control/box.ts';
import type { JobSpec } from '../jobs/job.ts';
import type { CutOutcome } from '../record/cut/cut-batch.ts';
import { cutEncoding } from '../record/cut/cut-encoding.ts';
import { assertCopies } from '../record/cut/cut-input.ts';
import { runCut, withProgress } from '../record/cut/cut-job.ts';
import type { Accuracy, CutOrder } from '../record/cut/cut-order.ts';
import type { CutRange } from '../record/cut/cut-ranges.ts';
import { type CutReport, type CutRequest, isThere, orderClips, reportOf } from '../record/cut/cut-report.ts';
import { findInput } from '../record/cut/find-input.ts';
import { largerSize } from '../record/encoders/encoder-profile.ts';
import { LIBX264 } from '../record/encoders/libx264.ts';
import type { MemoryCaps } from '../record/memory/memory-caps.ts';
import type { TimelapseReport } from '../record/timelapse/timelapse-order.ts';
import type { TimelapseRequest } from '../record/timelapse/timelapse-request.ts';
import { removeLeftovers } from '../record/whole-file.ts';
import { cutPieces } from './cut-pieces.ts';
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

  async cut({ source, accuracy }: CutRequest): Promise<JobSpec<CutReport>> {
    const { dir, ffmpeg, ffprobe, crf } = this.#deps.record();
    const pieces = await cutPieces(source, resolve(dir));
    const encoding = await cutEncoding(accuracy, crf, ffmpeg);
    const orders: CutOrder[] = [];
    for (const { clip, input, ranges } of pieces) {
      const facts = await this.#oneAtATime(() => findInput(ffprobe, input, 'cut'));
      assertCopies(facts, accuracy, input);
      const nameOf = (_i: number, _of: number, range: CutRange): string =>
        join(resolve(dir), cutName(clip, range, accuracy));
      orders.push({ input, facts, encoding, clips: orderClips(ranges, facts.video.durationUs ?? 0, nameOf) });
    }
    const size = orders.map(({ facts }) => facts.video.size).reduce(largerSize);
    const { caps, clock } = this.#deps;
    return {
      workload: { kind: 'cut', encoder: accuracy === 'copy' ? 'copy' : LIBX264.name, ...size, threads: 1 },
      title: `cut ${pieces.map(({ clip }) => clip).join(', ')}`,
      key: JSON.stringify(['cut', accuracy, pieces]),
      deadlineMs: undefined,
      async run(context) {
        const outcomes: CutOutcome[] = [];
        const tell = (outcome: CutOutcome): void => void outcomes.push(outcome);
        for (const [i, order] of orders.entries()) {
          const wanted = { ...order, clips: order.clips.filter(isThere) };
          const progress = (share: number): void => context.progress((i + share) / orders.length);
          await runCut(wanted, withProgress(context, progress), { ffmpeg, caps, clock }, tell);
        }
        return reportOf(
          orders.flatMap(({ clips }) => clips),
          outcomes,
        );
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

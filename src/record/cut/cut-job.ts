import { inGroups } from '../../base/in-groups.ts';
import type { JobContext } from '../../jobs/job.ts';
import { madeBefore } from '../made-before.ts';
import { CutBatch, type CutDeps, type CutOutcome } from './cut-batch.ts';
import type { ClipOrder, CutOrder } from './cut-order.ts';
import { describeClip } from './describe-clip.ts';

/** So many clips are copied by one ffmpeg: starting it costs more than copying one. */
export const BATCH = 6;
/** Each clip of a batch has the input open, with an index of some 50 bytes a picture. */
const BATCHED_FRAMES = 150_000;

/**
 * Cut clips out of a file, one ffmpeg after the other. Tells each clip when it is whole in its place, or failed. Throws what
 * concerns all that are left: the reason of `context.signal`, `resource_limit`, `disk_full`, `not_writable`,
 * `missing_program`, `timed_out`. Nothing half-written stays behind. What an earlier attempt at this job has made is not made again.
 */
export async function runCut(
  order: CutOrder,
  context: JobContext,
  deps: CutDeps,
  tell: (outcome: CutOutcome) => void,
): Promise<void> {
  const wanted = context.attempt === 1 ? order.clips : await leftOf(order, tell);
  const done: ClipOrder[] = [];
  for (const clips of batches({ ...order, clips: wanted })) {
    const [from, until] = [shareOf(done, wanted), shareOf([...done, ...clips], wanted)];
    const share = (part: number): void => context.progress(from + part * (until - from));
    for (const outcome of await new CutBatch(order, clips, withProgress(context, share), deps).run()) tell(outcome);
    done.push(...clips);
    share(1); // also when none of them could be made
  }
}

/** The clips that an earlier attempt has not made. */
async function leftOf({ clips, facts }: CutOrder, tell: (outcome: CutOutcome) => void): Promise<ClipOrder[]> {
  const left: ClipOrder[] = [];
  for (const order of clips) {
    const made = await madeBefore(order.path);
    if (made === undefined) left.push(order);
    else
      tell({
        order,
        ok: true,
        clip: describeClip({ ...made, untilUs: undefined, order, use: UNKNOWN_USE, sharers: 1 }, facts),
      });
  }
  return left;
}

const UNKNOWN_USE = { cpuMs: undefined, residentBytes: undefined, damage: '' };

const lengthUs = (clips: readonly ClipOrder[]): number => clips.reduce((sum, { range }) => sum + range.durationUs, 0);

/** What part of the work they are: half of it goes by their length, half by their number, as each one has a beginning and an end. */
const shareOf = (clips: readonly ClipOrder[], all: readonly ClipOrder[]): number =>
  (lengthUs(clips) / lengthUs(all) + clips.length / all.length) / 2;

function batches({ clips, encoding, facts }: CutOrder): ClipOrder[][] {
  const frames = (facts.video.durationUs ?? 0) / facts.video.frameUs;
  const most = encoding.accuracy === 'exact' ? 1 : Math.max(1, Math.min(BATCH, Math.floor(BATCHED_FRAMES / frames)));
  return inGroups(clips, most);
}

/** The same context, with its progress told elsewhere. */
export const withProgress = (context: JobContext, progress: (share: number) => void): JobContext => ({
  ...context,
  progress,
});

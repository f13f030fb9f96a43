import { once } from 'node:events';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import type { EncoderName } from '../../src/base/encoder-names.ts';
import { LearnedCosts } from '../../src/jobs/learned-costs.ts';
import { Child } from '../../src/record/child/child.ts';
import { liveWorkload } from '../../src/record/clip/clip-admission.ts';
import { DEFAULT_QUALITY, type PictureSize } from '../../src/record/encoders/encoder-profile.ts';
import { clipArguments } from '../../src/record/ffmpeg/ffmpeg-arguments.ts';
import { type Figure, figure } from './figure.ts';
import { MemoryGroup } from './memory-group.ts';
import { FPS, feed, movingPictures } from './record-feed.ts';

const HD: PictureSize = { width: 1280, height: 720 };
const FULL_HD: PictureSize = { width: 1920, height: 1080 };
const SECONDS = 12;
const LOOK_MS = 10;
const BOX_BYTES = 512 * 2 ** 20;
/** Tried side by side, from the least that is wanted on. */
const SIDE_BY_SIDE = { least: 10, most: 20, seconds: 2 };

/**
 * What the kernel charges an encoder with, under the cap that a clip gets at first; and how many 720p encodes run side by side
 * in 512 MB without one being killed. Nothing on a machine without a memory controller that may be used.
 */
export async function* encodesInGroups(folder: string): AsyncGenerator<Figure> {
  for (const [name, size] of Object.entries({ '720p30': HD, '1080p30': FULL_HD })) {
    for (const encoder of ['libx264', 'copy'] as const) {
      const measured = await encodeInGroup(join(folder, 'group.mp4'), encoder, size);
      if (measured === undefined) return;
      yield figure(`record.cgroup_peak.${encoder}_${name}`, measured.peakMb, 'MB');
      yield figure(`record.cgroup_held.${encoder}_${name}`, measured.heldMb, 'MB');
      yield figure(`record.cgroup_cap.${encoder}_${name}`, measured.capMb, 'MB');
    }
  }
  const pictures = movingPictures('1280x720');
  let fits = 0;
  for (let count = SIDE_BY_SIDE.least; count <= SIDE_BY_SIDE.most; count++) {
    const { kills, peakMb } = await encodeSideBySide(folder, count, pictures);
    if (kills > 0) break;
    fits = count;
    yield figure(`record.cgroup_peak.${count}x_libx264_720p30`, peakMb, 'MB');
  }
  yield figure('record.encodes_720p_in_512mb', fits, 'encodes');
}

/** Undefined, with the reason on stderr, where there are no groups. */
function tryGroup(name: string, bytes: number): MemoryGroup | undefined {
  try {
    return new MemoryGroup(name, bytes);
  } catch (failure) {
    process.stderr.write(`no control group to measure in: ${String(failure)}\n`);
    return undefined;
  }
}

async function encodeInGroup(
  output: string,
  encoder: EncoderName,
  size: PictureSize,
): Promise<{ peakMb: number; heldMb: number; capMb: number } | undefined> {
  const { capBytes } = new LearnedCosts().costOf(liveWorkload(encoder, size));
  using group = tryGroup('one', capBytes);
  if (group === undefined) return undefined;
  const child = await spawnIn(group, encoder, size, output);
  let [heldMb, isOver] = [0, false];
  const looking = (async () => {
    for (; !isOver; await SYSTEM_CLOCK.sleep(LOOK_MS)) heldMb = Math.max(heldMb, group.heldMb);
  })();
  await feed(child.stdin, movingPictures(`${size.width}x${size.height}`), size, SECONDS * FPS);
  const { code, stderr } = await child.stop('enough');
  isOver = true;
  await looking;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${stderr}`);
  return { peakMb: group.peakMb, heldMb, capMb: capBytes / 2 ** 20 };
}

/** All have begun before the first one may end. */
async function encodeSideBySide(
  folder: string,
  count: number,
  pictures: readonly Uint8Array[],
): Promise<{ kills: number; peakMb: number }> {
  using group = new MemoryGroup('many', BOX_BYTES);
  const children = await Promise.all(
    Array.from({ length: count }, (_, i) => spawnIn(group, 'libx264', HD, join(folder, `many-${i}.mp4`))),
  );
  const fed = children.map((child) => feed(patient(child), pictures, HD, SIDE_BY_SIDE.seconds * FPS));
  await Promise.all(fed);
  const exits = await Promise.all(children.map((child) => child.stop('enough')));
  const failed = exits.filter(({ code }) => code !== 0).length;
  return { kills: Math.max(group.oomKills, failed), peakMb: group.peakMb };
}

/** One that was killed takes no more, and keeps nobody waiting. */
function patient(child: Child): Writable {
  child.stdin.on('error', () => undefined);
  return child.stdin;
}

async function spawnIn(group: MemoryGroup, encoder: EncoderName, size: PictureSize, output: string): Promise<Child> {
  const job = { size, fps: FPS, quality: DEFAULT_QUALITY, device: undefined };
  const args = clipArguments({ encoder, job, passthrough: '-fps_mode', output });
  const joined = group.joining('ffmpeg', args);
  const child = await Child.spawn(joined.program, joined.args, SYSTEM_CLOCK);
  if (child.stdin.destroyed) await once(child.stdin, 'close');
  return child;
}

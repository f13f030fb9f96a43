import type { Workload } from './workload.ts';

/**
 * What a workload is taken to need before children of it were measured. Made from the cgroup peaks of ffmpeg 5.1 with
 * `-threads 1` on both sides and warm libraries (docs/decisions.md):
 *
 *              720p (0.92 Mpixel)   1080p (2.07 Mpixel)
 *   copy       26 MB                50 MB
 *   libx264    40 MB                82 MB
 */
export interface SeedCost {
  readonly memoryBytes: number;
  /** What the cap stands above the cost: for a peak between two measurements, and pages of the file being written. */
  readonly headroomBytes: number;
  readonly cpu: number;
}

const MIB = 2 ** 20;

interface Line {
  readonly baseMib: number;
  readonly perMegapixelMib: number;
  readonly headroomMib: number;
}

const COPY: Line = { baseMib: 7, perMegapixelMib: 21, headroomMib: 16 };
const ENCODE: Line = { baseMib: 7, perMegapixelMib: 36, headroomMib: 32 };
/** A second thread has pictures of its own: 40 became 55, 82 became 113. */
const PER_THREAD = 0.38;

/** Copying at the rate of a camera is too little to count; copying from a file waits for the disk. */
const COPY_CPU = { live: 0, queued: 0.25 };
/** One thread keeps a core busy with a file; live 720p30 half of one, larger pictures in proportion. */
const LIVE_CPU_PER_MEGAPIXEL = 0.55;

export function seedCost({ kind, encoder, width, height, threads }: Workload): SeedCost {
  const megapixels = (width * height) / 1e6;
  const copies = encoder === 'copy';
  const { baseMib, perMegapixelMib, headroomMib } = copies ? COPY : ENCODE;
  const perPicture = perMegapixelMib * megapixels * (1 + PER_THREAD * (threads - 1));
  const live = kind === 'live';
  const copyCpu = live ? COPY_CPU.live : COPY_CPU.queued;
  const encodeCpu = live ? LIVE_CPU_PER_MEGAPIXEL * megapixels : threads;
  return {
    memoryBytes: Math.round((baseMib + perPicture) * MIB),
    headroomBytes: headroomMib * MIB,
    cpu: copies ? copyCpu : encodeCpu,
  };
}

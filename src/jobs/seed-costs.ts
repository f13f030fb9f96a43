import type { Workload } from './workload.ts';

/**
 * What a workload is taken to need before children of it were measured. Made from what ffmpeg 5.1 held in its control group
 * with `-threads 1` on both sides and pictures of 266 and 577 KB (docs/decisions.md):
 *
 *              720p (0.92 Mpixel)   1080p (2.07 Mpixel)
 *   copy       15 MB                23 MB
 *   libx264    33 MB                57 MB
 *
 * Pages of the file that it writes come on top, as many as the cap leaves room for; the kernel takes them back.
 */
export interface SeedCost {
  readonly memoryBytes: number;
  /** What the cap stands above the cost: for peaks between two looks, cold libraries, and pages of the file being written. */
  readonly headroomBytes: number;
  readonly cpu: number;
}

const MIB = 2 ** 20;

interface Line {
  readonly baseMib: number;
  readonly perMegapixelMib: number;
  readonly headroomMib: number;
}

const COPY: Line = { baseMib: 9, perMegapixelMib: 7, headroomMib: 32 };
const ENCODE: Line = { baseMib: 14, perMegapixelMib: 21, headroomMib: 46 };
/**
 * Encoders whose pictures stand in buffers of the kernel's driver, which are not counted to the child. Not measured, as there was no
 * such hardware: what a copy takes, and three decoded pictures of two bytes a pixel. Those with a driver in the child itself
 * (VA-API, Quick Sync, NVIDIA's) begin as libx264; what they really take is learned from the first ones.
 */
const IN_KERNEL = /^h264_(v4l2m2m|rkmpp)$/;
const ENCODE_IN_KERNEL: Line = { ...ENCODE, perMegapixelMib: COPY.perMegapixelMib + 6 };
/** Not ffmpeg: cambox itself reads, seals and sends, and takes the same for every clip (80 MB, sealed 89). */
const EXPORT: Line = { baseMib: 96, perMegapixelMib: 0, headroomMib: 64 };
/** A second thread has pictures of its own: peaks of 40 and 82 MB became 55 and 113. */
const PER_THREAD = 0.38;

/** Copying at the rate of a camera is too little to count; copying from a file waits for the disk. */
const COPY_CPU = { live: 0, queued: 0.25 };
/**
 * One thread keeps a core busy with a file. Live 720p30 takes a quarter of a core here and one of a Raspberry Pi 4: half of
 * one is planned with. Where hardware encodes, decoding the JPEGs is left.
 */
const LIVE_CPU_PER_MEGAPIXEL = { software: 0.55, hardware: 0.25 };
const HARDWARE = /^h264_/;

export function seedCost({ kind, encoder, width, height, threads }: Workload): SeedCost {
  const megapixels = (width * height) / 1e6;
  const copies = encoder === 'copy';
  const { baseMib, perMegapixelMib, headroomMib } = kind === 'export' ? EXPORT : lineOf(encoder);
  const perPicture = perMegapixelMib * megapixels * (1 + PER_THREAD * (threads - 1));
  const live = kind === 'live';
  const copyCpu = live ? COPY_CPU.live : COPY_CPU.queued;
  const perMegapixel = LIVE_CPU_PER_MEGAPIXEL[HARDWARE.test(encoder) ? 'hardware' : 'software'];
  const encodeCpu = live ? perMegapixel * megapixels : threads;
  return {
    memoryBytes: Math.round((baseMib + perPicture) * MIB),
    headroomBytes: headroomMib * MIB,
    cpu: copies ? copyCpu : encodeCpu,
  };
}

function lineOf(encoder: string): Line {
  if (encoder === 'copy') return COPY;
  return IN_KERNEL.test(encoder) ? ENCODE_IN_KERNEL : ENCODE;
}

import { LIBX264 } from '../encoders/libx264.ts';
import { findFfmpeg } from '../ffmpeg/find-ffmpeg.ts';
import type { Accuracy, CutOrder } from './cut-order.ts';

/** How the clips of a cut are made. Throws `missing_program`. */
export async function cutEncoding(accuracy: Accuracy, crf: number, ffmpeg: string): Promise<CutOrder['encoding']> {
  if (accuracy === 'copy') return { accuracy };
  const { passthrough } = await findFfmpeg(ffmpeg);
  return { accuracy, crf, passthrough, encoder: LIBX264 };
}

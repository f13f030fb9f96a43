import type { Position } from '../../base/position.ts';
import { type WallMs, wallMs } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import { completeJpeg } from '../../jpeg/dht-injection.ts';
import { exifSegment } from '../../jpeg/exif/exif-segment.ts';
import { replaceExif } from '../../jpeg/exif/replace-exif.ts';
import { VERSION } from '../version.ts';

/** Who took a picture, and where. */
export interface PictureOrigin {
  readonly camera: string;
  /** Undefined without a daemon. */
  readonly box: string | undefined;
  readonly position: Position | undefined;
}

/** A frame as a JPEG of its own, which every viewer opens: with Huffman tables, and Exif that tells when it was taken. */
export function snapshotPicture(frame: Frame, takenAt: WallMs, origin: PictureOrigin): Uint8Array {
  const { width, height } = frame;
  const utcOffsetMinutes = -new Date(takenAt).getTimezoneOffset();
  const exif = exifSegment({ ...origin, takenAt, utcOffsetMinutes, software: `cambox ${VERSION}`, width, height });
  return replaceExif(completeJpeg(frame.bytes, frame.jpeg), exif);
}

/** The wall clock when a frame was captured, `ageUs` before it shows `wall`. */
export const wallAt = (wall: WallMs, ageUs: number): WallMs => wallMs(wall - ageUs / 1000);

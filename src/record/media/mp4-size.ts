import { boxes, findBox } from './mp4-fragment.ts';

/**
 * Where the header of an MP4 tells how large its video is: twice, for the track and for what is in it. An encoder that
 * works on padded pictures leaves the padded size there, while the stream itself says what to show; players that believe
 * the file would stretch the picture. Pure.
 */
export interface SizeFields {
  /** Of 32-bit width and height, with 16 bits behind the point, in the track header (ISO/IEC 14496-12 §8.3.2). */
  readonly track: number;
  /** Of 16-bit width and height, in the sample entry (§12.1.3). */
  readonly entry: number;
}

/** Bytes before the width: of a track header of version 0 and 1, and of a sample entry with its box header. */
const TRACK_WIDTH_AT = [76, 88] as const;
const ENTRY_WIDTH_AT = 8 + 24;
/** Version, flags and the number of entries stand before the first entry (§8.5.2). */
const FIRST_ENTRY_AT = 8;

/** Offsets of the fields in the body of a `moov`; undefined when it has no video track as we write it. */
export function findSizeFields(moov: Uint8Array): SizeFields | undefined {
  const trak = findBox(moov, 'trak');
  const tkhd = trak && findBox(trak, 'tkhd');
  const stsd = ['mdia', 'minf', 'stbl', 'stsd'].reduce<Uint8Array | undefined>(
    (body, type) => body && findBox(body, type),
    trak,
  );
  if (tkhd === undefined || stsd === undefined) return undefined;
  const widthAt = TRACK_WIDTH_AT[tkhd[0] === 1 ? 1 : 0];
  const [entry] = boxes(stsd.subarray(FIRST_ENTRY_AT), 'avc1');
  if (entry === undefined || tkhd.length < widthAt + 8 || entry.length < ENTRY_WIDTH_AT - 8 + 4) return undefined;
  const offsetOf = (part: Uint8Array): number => part.byteOffset - moov.byteOffset;
  return { track: offsetOf(tkhd) + widthAt, entry: offsetOf(entry) - 8 + ENTRY_WIDTH_AT };
}

/** The two values of each place, as they stand in the file. */
export function sizeBytes({ width, height }: { readonly width: number; readonly height: number }): {
  readonly track: Uint8Array;
  readonly entry: Uint8Array;
} {
  const track = Buffer.alloc(8);
  track.writeUInt16BE(width, 0);
  track.writeUInt16BE(height, 4);
  const entry = Buffer.alloc(4);
  entry.writeUInt16BE(width, 0);
  entry.writeUInt16BE(height, 2);
  return { track, entry };
}

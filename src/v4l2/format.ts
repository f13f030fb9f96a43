import { type BufferType, bufferTypeCode, isMultiPlanar } from './buffer-type.ts';
import type { ColourCodes } from './colorimetry.ts';
import { fourcc, fourccName } from './fourcc.ts';
import { VIDEO_MAX_PLANES } from './kernel-constants.ts';
import { FORMAT, PLANE_PIX_FORMAT } from './struct-layouts.ts';

/** How the lines of a picture follow each other (enum v4l2_field): `none` is progressive, all others are interlaced. */
export type Field = (typeof FIELDS)[number];

const FIELDS = [
  'any',
  'none',
  'top',
  'bottom',
  'interlaced',
  'seq_tb',
  'seq_bt',
  'alternate',
  'interlaced_tb',
  'interlaced_bt',
] as const;

/** One piece of memory of a picture. */
export interface PlaneFormat {
  /** From one line to the next; zero for compressed formats. */
  readonly bytesPerLine: number;
  /** The most that it holds. */
  readonly imageBytes: number;
}

/** The format that a queue of a device has now. */
export interface Format {
  readonly fourcc: string;
  readonly width: number;
  readonly height: number;
  /** Of the first plane. Zero for compressed formats. */
  readonly bytesPerLine: number;
  /** The size of the largest picture, all its planes together. */
  readonly imageBytes: number;
  /**
   * The pieces of memory that a picture lies in: one, also where a format has its planes one after the other in it
   * (NV12); several for a format that wants them apart (NM12), on a multi-planar queue.
   */
  readonly planes: readonly PlaneFormat[];
  readonly field: Field;
  /** Read with `readColorimetry`. */
  readonly colours: ColourCodes;
}

/** What to ask for; the driver fills in the rest. */
export type WantedFormat = Pick<Format, 'fourcc' | 'width' | 'height'>;

/** An empty struct v4l2_format: the question for the format that a queue has. */
export function formatQuestion(type: BufferType): Buffer {
  const bytes = Buffer.alloc(FORMAT.size);
  bytes.writeUInt32LE(bufferTypeCode(type), FORMAT.at.type);
  return bytes;
}

/** A struct v4l2_format that asks for a format, progressive where there is a choice. */
export function encodeFormat(type: BufferType, wanted: WantedFormat): Buffer {
  const { at } = FORMAT;
  const bytes = formatQuestion(type);
  // These four lie at the same offsets in struct v4l2_pix_format and struct v4l2_pix_format_mplane.
  bytes.writeUInt32LE(wanted.width, at['fmt.pix.width']);
  bytes.writeUInt32LE(wanted.height, at['fmt.pix.height']);
  bytes.writeUInt32LE(fourcc(wanted.fourcc), at['fmt.pix.pixelformat']);
  bytes.writeUInt32LE(FIELDS.indexOf('none'), at['fmt.pix.field']);
  return bytes;
}

/** Read a struct v4l2_format that a driver has filled in. */
export function readFormat(type: BufferType, bytes: Buffer): Format {
  const { at } = FORMAT;
  const planes = isMultiPlanar(type) ? readPlanes(bytes) : [readPlane(bytes)];
  return {
    fourcc: fourccName(bytes.readUInt32LE(at['fmt.pix.pixelformat'])),
    width: bytes.readUInt32LE(at['fmt.pix.width']),
    height: bytes.readUInt32LE(at['fmt.pix.height']),
    bytesPerLine: planes[0]?.bytesPerLine ?? 0,
    imageBytes: planes.reduce((sum, plane) => sum + plane.imageBytes, 0),
    planes,
    field: FIELDS[bytes.readUInt32LE(at['fmt.pix.field'])] ?? 'any',
    colours: isMultiPlanar(type) ? readMultiPlanarColours(bytes) : readColours(bytes),
  };
}

const readPlane = (bytes: Buffer): PlaneFormat => ({
  bytesPerLine: bytes.readUInt32LE(FORMAT.at['fmt.pix.bytesperline']),
  imageBytes: bytes.readUInt32LE(FORMAT.at['fmt.pix.sizeimage']),
});

function readPlanes(bytes: Buffer): PlaneFormat[] {
  const count = Math.min(bytes.readUInt8(FORMAT.at['fmt.pix_mp.num_planes']), VIDEO_MAX_PLANES);
  return Array.from({ length: count }, (_, plane) => {
    const start = FORMAT.at['fmt.pix_mp.plane_fmt'] + plane * PLANE_PIX_FORMAT.size;
    return {
      bytesPerLine: bytes.readUInt32LE(start + PLANE_PIX_FORMAT.at.bytesperline),
      imageBytes: bytes.readUInt32LE(start + PLANE_PIX_FORMAT.at.sizeimage),
    };
  });
}

const readColours = (bytes: Buffer): ColourCodes => ({
  colorspace: bytes.readUInt32LE(FORMAT.at['fmt.pix.colorspace']),
  encoding: bytes.readUInt32LE(FORMAT.at['fmt.pix.ycbcr_enc']),
  quantization: bytes.readUInt32LE(FORMAT.at['fmt.pix.quantization']),
});

const readMultiPlanarColours = (bytes: Buffer): ColourCodes => ({
  colorspace: bytes.readUInt32LE(FORMAT.at['fmt.pix_mp.colorspace']),
  encoding: bytes.readUInt8(FORMAT.at['fmt.pix_mp.ycbcr_enc']),
  quantization: bytes.readUInt8(FORMAT.at['fmt.pix_mp.quantization']),
});

/**
 * A Matroska stream of MJPEG for ffmpeg's stdin (RFC 9559; EBML: RFC 8794). It carries every frame's capture time to
 * the microsecond, which no raw MJPEG pipe can, and needs no seeking: the Segment has no known size and each frame is a
 * Cluster of its own. Pure: the pictures themselves never pass through here, only their lengths.
 */

export interface MatroskaTrack {
  readonly width: number;
  readonly height: number;
  /** The usual time between two frames. Without it ffmpeg guesses a million frames a second. */
  readonly frameDurationUs: number;
}

/** Element ids as they stand in the stream, marker bit included (RFC 9559 §5.1, RFC 8794 §11.2). */
const ID = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagLacing: 0x9c,
  defaultDuration: 0x23e383,
  codecId: 0x86,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
} as const;

/** One tick is a microsecond: TimestampScale counts nanoseconds. */
const NS_PER_TICK = 1000;
const TRACK = 1;
const TRACK_TYPE_VIDEO = 1;
/** All value bits set: "size unknown" (RFC 8794 §6.2), here in eight bytes. */
const UNKNOWN_SIZE = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** The bytes before the first frame: EBML header, open Segment, Info, Tracks with one V_MJPEG track. */
export function matroskaHeader(track: MatroskaTrack): Uint8Array {
  return Uint8Array.from([
    ...element(ID.ebml, [
      ...text(ID.docType, 'matroska'),
      ...unsigned(ID.docTypeVersion, 4),
      ...unsigned(ID.docTypeReadVersion, 2),
    ]),
    ...idBytes(ID.segment),
    ...UNKNOWN_SIZE,
    ...element(ID.info, [
      ...unsigned(ID.timestampScale, NS_PER_TICK),
      ...text(ID.muxingApp, 'cambox'),
      ...text(ID.writingApp, 'cambox'),
    ]),
    ...element(
      ID.tracks,
      element(ID.trackEntry, [
        ...unsigned(ID.trackNumber, TRACK),
        ...unsigned(ID.trackUid, TRACK),
        ...unsigned(ID.trackType, TRACK_TYPE_VIDEO),
        ...unsigned(ID.flagLacing, 0),
        ...unsigned(ID.defaultDuration, Math.max(1, Math.round(track.frameDurationUs)) * 1000),
        ...text(ID.codecId, 'V_MJPEG'),
        ...element(ID.video, [...unsigned(ID.pixelWidth, track.width), ...unsigned(ID.pixelHeight, track.height)]),
      ]),
    ),
  ]);
}

/** Cluster id 4, size 8; Timestamp id 1, size 1, value 8; SimpleBlock id 1, size 8, block header 4. */
const FRAME_HEADER_BYTES = 35;
const TIMESTAMP_ELEMENT_BYTES = 10;
const BLOCK_HEADER_BYTES = 4;

/**
 * The bytes before one picture of `pictureBytes`: a Cluster whose Timestamp is `ptsUs` (not negative, below 2^53) and
 * which holds one SimpleBlock, a key frame:
 *
 *     track (0x81) | timestamp relative to the Cluster, int16 = 0 | flags (0x80 = key frame) | picture …
 *
 * (RFC 9559 §10.2). The picture's bytes follow in the stream; nothing comes after them.
 */
export function matroskaFrameHeader(ptsUs: number, pictureBytes: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const blockBytes = BLOCK_HEADER_BYTES + pictureBytes;
  view.setUint32(0, ID.cluster);
  setSize8(view, 4, TIMESTAMP_ELEMENT_BYTES + 9 + blockBytes);
  bytes[12] = ID.timestamp;
  bytes[13] = 0x88; // size 8 in one byte
  view.setBigUint64(14, BigInt(ptsUs));
  bytes[22] = ID.simpleBlock;
  setSize8(view, 23, blockBytes);
  bytes[31] = 0x80 | TRACK;
  bytes[34] = 0x80;
  return bytes;
}

/** `value` (below 2^32) as an eight-byte EBML size: the marker bit, then 56 bits (RFC 8794 §4). */
function setSize8(view: DataView, at: number, value: number): void {
  view.setUint32(at, 0x01000000);
  view.setUint32(at + 4, value);
}

/** An element of the header: short ones only (below 127 bytes take a one-byte size; else two bytes). */
function element(id: number, body: readonly number[]): number[] {
  const size = body.length < 0x7f ? [0x80 | body.length] : [0x40 | (body.length >> 8), body.length & 0xff];
  return [...idBytes(id), ...size, ...body];
}

const unsigned = (id: number, value: number): number[] => element(id, bigEndian(value));
const text = (id: number, value: string): number[] => element(id, [...Buffer.from(value, 'ascii')]);
const idBytes = (id: number): number[] => bigEndian(id);

function bigEndian(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return bytes.length === 0 ? [0] : bytes;
}

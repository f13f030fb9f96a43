/*
 * The RTP header extension of the ONVIF Streaming Specification, "JPEG over RTP", as we send it: in the first packet of a
 * frame that is larger than the main header can say. Its one segment is the frame header (SOF0, T.81 §B.2.2), with the
 * component ids and table numbers of RFC 2435 appendix B, as the scan header that receivers derive has these.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |        0xFFD8: first          |      length in words: 5       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  0xFF filling |         SOF0: 0xFFC0          |   length: 17 ...
 *       ... |  precision: 8 |         height        |    width   ...
 *       ... |  components: 3 | 0, sampling, 0 | 1, 1x1, 1 | 2, 1x1, 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
const EXTENSION_HEADER_BYTES = 4;
const FIRST_PACKET = 0xffd8;
/** Fill bytes before a marker are allowed (T.81 §B.1.1.2): one, to end at a word. */
const FILLING = 0xff;
const SOF0 = 0xffc0;
const SOF_LENGTH = 8 + 3 * 3;
const SEGMENT_BYTES = 2 + SOF_LENGTH;
const WORDS = Math.ceil(SEGMENT_BYTES / 4);

export const LARGE_PICTURE_EXTENSION_BYTES = EXTENSION_HEADER_BYTES + 4 * WORDS;

export interface LargeSize {
  /** In pixels, exact, up to 65535 (T.81 §B.2.2). */
  readonly width: number;
  readonly height: number;
}

/**
 * Write LARGE_PICTURE_EXTENSION_BYTES at `at`, directly behind an RTP header that announces an extension.
 *
 * @param lumaRows 2 for 4:2:0, 1 for 4:2:2: how often luma is sampled down the height of a chroma sample
 */
export function writeLargePictureExtension(view: DataView, at: number, size: LargeSize, lumaRows: 1 | 2): void {
  view.setUint16(at, FIRST_PACKET);
  view.setUint16(at + 2, WORDS);
  view.setUint8(at + 4, FILLING);
  view.setUint16(at + 5, SOF0);
  view.setUint16(at + 7, SOF_LENGTH);
  view.setUint8(at + 9, 8);
  view.setUint16(at + 10, size.height);
  view.setUint16(at + 12, size.width);
  view.setUint8(at + 14, 3);
  writeComponent(view, at + 15, 0, 0x20 | lumaRows, 0);
  writeComponent(view, at + 18, 1, 0x11, 1);
  writeComponent(view, at + 21, 2, 0x11, 1);
}

function writeComponent(view: DataView, at: number, id: number, sampling: number, table: number): void {
  view.setUint8(at, id);
  view.setUint8(at + 1, sampling);
  view.setUint8(at + 2, table);
}

import { standardDhtSegment } from './baseline-headers.ts';
import type { JpegLayout } from './layout.ts';

const SOF0_BASELINE = 0xc0;
const SOF1_EXTENDED = 0xc1;

/** The 420 bytes that a UVC camera leaves out. */
export const STANDARD_DHT: Uint8Array = standardDhtSegment();

/**
 * The picture as pieces that, one after the other, are a JPEG every decoder opens: the picture itself when it has its
 * Huffman tables, else the part before SOS, the standard tables, and the rest. The pieces are views of `bytes` (and of
 * `STANDARD_DHT`): nothing is copied, and they live only as long as the frame. `layout` is what walkJpeg found.
 *
 * Only Huffman-coded sequential pictures are completed: the standard tables mean nothing to the other kinds.
 */
export function completeJpegPieces(bytes: Uint8Array, layout: JpegLayout): readonly Uint8Array[] {
  const sequential = layout.sof === SOF0_BASELINE || layout.sof === SOF1_EXTENDED;
  if (layout.huffman !== 'absent' || !sequential) return [bytes];
  return [bytes.subarray(0, layout.sosStart), STANDARD_DHT, bytes.subarray(layout.sosStart)];
}

/** The same in one piece: `bytes` itself when nothing is missing, else a new array owned by the caller. */
export function completeJpeg(bytes: Uint8Array, layout: JpegLayout): Uint8Array {
  const pieces = completeJpegPieces(bytes, layout);
  if (pieces.length === 1) return bytes;
  const whole = new Uint8Array(bytes.length + STANDARD_DHT.length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

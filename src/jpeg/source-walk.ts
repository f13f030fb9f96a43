import type { JpegFault, JpegLayout, OpenLayout } from './layout.ts';
import { wholeScanEnd } from './recode/whole-scan.ts';
import { EOI_BYTES, EOI_MARKER, eoiAtEnd, firstEoi, walkJpeg } from './walk.ts';

/** A source shows at once whether it leaves anything behind its pictures; a driver's buffers need a round to be dirty. */
const FIRST_PICTURES = 10;
/** After that, every so many pictures are searched: about one a second. */
const EVERY_PICTURES = 30;
/** A scan that is so much longer than the one before may have the rest of an older picture behind it. */
const SUDDEN_GROWTH = 1.25;

/**
 * Follows the pictures of one camera or file as walkJpeg does, at little cost: to search a scan for its EOI takes a quarter
 * of the time that a frame needs on its way to the network. An EOI at the very end is taken for the first one, until a search
 * has found that this source leaves something behind its pictures that ends in an EOI, too: the rest of an older picture
 * in a driver's buffer, a second field, a preview. From then on each scan is searched.
 *
 * A picture without an EOI is whole, too, when all its blocks are there: `endPicture` gives it one.
 */
export class SourceWalk {
  #pictures = 0;
  #lastBytes = 0;
  #hasStray = false;

  walk(bytes: Uint8Array): JpegLayout | JpegFault {
    return walkJpeg(bytes, this.#findScanEnd);
  }

  readonly #findScanEnd = (bytes: Uint8Array, layout: OpenLayout): number => {
    const atEnd = eoiAtEnd(bytes, layout);
    if (atEnd === -1) return soundEnd(bytes, layout);
    const isDue = this.#pictures < FIRST_PICTURES || this.#pictures % EVERY_PICTURES === 0;
    const isLonger = atEnd - layout.scanStart > SUDDEN_GROWTH * this.#lastBytes;
    this.#pictures += 1;
    const end = this.#hasStray || isDue || isLonger ? firstEoi(bytes, layout) : atEnd;
    this.#hasStray ||= end < atEnd;
    this.#lastBytes = end - layout.scanStart;
    return end;
  };
}

/** walkJpeg for a single picture, which may lack its EOI. */
export const walkWhole = (bytes: Uint8Array): JpegLayout | JpegFault => walkJpeg(bytes, soundEnd);

function soundEnd(bytes: Uint8Array, layout: OpenLayout): number {
  const end = firstEoi(bytes, layout);
  return end === -1 ? wholeScanEnd(bytes, layout) : end;
}

/** Bytes of a picture from SOI to EOI, also of one that lacks it: it may be longer than what there is. */
export const endedLength = ({ scanEnd }: JpegLayout): number => scanEnd + EOI_BYTES;

/** Put the EOI behind the scan; `bytes` has the `endedLength` of the picture, or more. */
export function endPicture(bytes: Uint8Array, { scanEnd }: JpegLayout): void {
  bytes.set(EOI_MARKER, scanEnd);
}

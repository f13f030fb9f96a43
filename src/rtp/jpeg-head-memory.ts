import type { JpegFragment } from './jpeg-fragment.ts';
import { type HeadFacts, type HeadFault, type JpegHead, jpegHead } from './jpeg-head.ts';
import { JpegQuantMemory, type TablesFault } from './jpeg-quant-memory.ts';
import type { OnvifSegments } from './onvif-jpeg-extension.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Heads of one source's pictures. They hardly ever change: the head of the frame before is used again when it is
 * the same, so a frame costs no more than comparing its tables.
 */
export class JpegHeadMemory {
  readonly #size: PictureSize | undefined;
  #quant = new JpegQuantMemory();
  #last: { readonly facts: HeadFacts; readonly head: JpegHead } | undefined;

  /** `size` is that of the session's description, if it tells one. */
  constructor(size: PictureSize | undefined) {
    this.#size = size;
  }

  /** The head of the frame whose first packet is given, or why it cannot be made. */
  headOf(fragment: JpegFragment, extension: OnvifSegments | undefined): JpegHead | HeadFault | TablesFault {
    const tables = this.#quant.tablesOf(fragment);
    const isReplaced = tables === 'reserved_q' && fragment.q === 0 && extension?.hasQuantTables === true;
    if (typeof tables === 'string' && !isReplaced) return tables;
    const facts: HeadFacts = {
      type: fragment.type,
      ...this.#sizeOf(fragment),
      restartInterval: fragment.restartInterval,
      tables: typeof tables === 'string' ? undefined : tables,
      extension,
    };
    if (this.#last !== undefined && isSame(facts, this.#last.facts)) return this.#last.head;
    const head = jpegHead(facts);
    if (typeof head === 'string') return head;
    this.#last = { facts: copied(facts), head };
    return head;
  }

  /** What comes is from another source. */
  forget(): void {
    this.#quant = new JpegQuantMemory();
    this.#last = undefined;
  }

  /**
   * The packets tell the size rounded up to 8 pixels, or 0 above 2040 (RFC 2435 §3.1.5). The session's description has
   * the exact one, which holds as long as both agree.
   */
  #sizeOf({ width8, height8 }: JpegFragment): PictureSize {
    const told = this.#size;
    const isUnknown = width8 === 0 || height8 === 0;
    const agrees = told !== undefined && Math.ceil(told.width / 8) === width8 && Math.ceil(told.height / 8) === height8;
    if (told !== undefined && (isUnknown || agrees)) return told;
    return { width: width8 * 8, height: height8 * 8 };
  }
}

const isSame = (one: HeadFacts, other: HeadFacts): boolean =>
  one.type === other.type &&
  one.width === other.width &&
  one.height === other.height &&
  one.restartInterval === other.restartInterval &&
  sameBytes(one.tables, other.tables) &&
  sameBytes(one.extension?.bytes, other.extension?.bytes);

const sameBytes = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && Buffer.compare(one, other) === 0);

/** With bytes of its own: those of a packet are not kept. Not by slice(), which makes no copy of a Buffer. */
const copied = ({ tables, extension, ...rest }: HeadFacts): HeadFacts => ({
  ...rest,
  tables: tables && new Uint8Array(tables),
  extension: extension && { ...extension, bytes: new Uint8Array(extension.bytes) },
});

import { copyBlock, readDc, skipBlock, writeDc } from './block.ts';
import type { PlaneCoder, StandardCodes } from './plane-coder.ts';
import type { ScanReader } from './scan-reader.ts';
import type { ScanWriter } from './scan-writer.ts';

const EOB = 0x00;
/** DC of a block, and where a reader stands behind it: offset, window, bits. */
const WORDS = 4;

/** An empty block: the DC of its predecessor and no AC coefficients. */
export function putEmptyBlock(writer: ScanWriter, { dc, ac }: StandardCodes): void {
  writer.putDcDifference(0, dc);
  writer.put(ac.code[EOB]!, ac.length[EOB]!);
}

/**
 * Some rows of blocks of one component. Of each block only the DC and its place in the source are kept, so that it can be
 * copied from there when its turn comes.
 */
export class PlaneBand {
  readonly plane: PlaneCoder;
  readonly columns: number;
  readonly #blocks: Int32Array;
  #rows = 0;

  constructor(plane: PlaneCoder, columns: number, maxRows: number) {
    this.plane = plane;
    this.columns = columns;
    this.#blocks = new Int32Array(WORDS * columns * maxRows);
  }

  /** Begin a band of `rows` rows, which are to be noted before any is copied. */
  begin(rows: number): void {
    this.#rows = rows;
  }

  /** Read over the next block of the source, which is this one. False when the reader has a fault. */
  note(reader: ScanReader, row: number, column: number): boolean {
    const entry = WORDS * (row * this.columns + column);
    const blocks = this.#blocks;
    blocks[entry] = readDc(reader, this.plane);
    blocks[entry + 1] = reader.at;
    blocks[entry + 2] = reader.window;
    blocks[entry + 3] = reader.bits;
    skipBlock(reader, this.plane);
    return reader.isSound();
  }

  /** Write a block with the help of a reader that may stand anywhere; an empty one where the source has none. */
  copy(reader: ScanReader, writer: ScanWriter, row: number, column: number): void {
    if (row >= this.#rows || column >= this.columns) {
      putEmptyBlock(writer, this.plane.codes);
      return;
    }
    const entry = WORDS * (row * this.columns + column);
    const blocks = this.#blocks;
    writeDc(reader, writer, this.plane, blocks[entry]!);
    reader.seek(blocks[entry + 1]!, blocks[entry + 2]!, blocks[entry + 3]!);
    copyBlock(reader, writer, this.plane, 1);
  }
}

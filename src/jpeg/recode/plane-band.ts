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

/** A component's blocks in one MCU of the source, across and down. */
export interface Sampling {
  readonly h: number;
  readonly v: number;
}

/**
 * The blocks of one component in some rows of the source's MCUs. Of each block only the DC and its place in the source are
 * kept, so that it can be copied from there when its turn comes.
 */
export class PlaneBand {
  readonly #plane: PlaneCoder;
  readonly #sampling: Sampling;
  readonly #columns: number;
  readonly #blocks: Int32Array;
  #rows = 0;

  constructor(plane: PlaneCoder, sampling: Sampling, mcuColumns: number, maxMcuRows: number) {
    this.#plane = plane;
    this.#sampling = sampling;
    this.#columns = mcuColumns * sampling.h;
    this.#blocks = new Int32Array(WORDS * this.#columns * maxMcuRows * sampling.v);
  }

  /** Begin anew, with as many rows of MCUs, which are to be noted before any is copied. */
  begin(mcuRows: number): void {
    this.#rows = mcuRows * this.#sampling.v;
  }

  /** Read over this component's blocks of the next MCU of the source. False when the reader has a fault. */
  noteMcu(reader: ScanReader, mcuRow: number, mcuColumn: number): boolean {
    const { h, v } = this.#sampling;
    for (let row = mcuRow * v; row < (mcuRow + 1) * v; row++) {
      for (let column = mcuColumn * h; column < (mcuColumn + 1) * h; column++) {
        if (!this.#note(reader, row, column)) return false;
      }
    }
    return true;
  }

  #note(reader: ScanReader, row: number, column: number): boolean {
    const entry = WORDS * (row * this.#columns + column);
    const blocks = this.#blocks;
    blocks[entry] = readDc(reader, this.#plane);
    blocks[entry + 1] = reader.at;
    blocks[entry + 2] = reader.window;
    blocks[entry + 3] = reader.bits;
    skipBlock(reader, this.#plane);
    return reader.isSound();
  }

  /** Write a block with the help of a reader that may stand anywhere; an empty one where the source has none. */
  copy(reader: ScanReader, writer: ScanWriter, row: number, column: number): void {
    if (row >= this.#rows || column >= this.#columns) {
      putEmptyBlock(writer, this.#plane.codes);
      return;
    }
    const entry = WORDS * (row * this.#columns + column);
    const blocks = this.#blocks;
    writeDc(reader, writer, this.#plane, blocks[entry]!);
    reader.seek(blocks[entry + 1]!, blocks[entry + 2]!, blocks[entry + 3]!);
    copyBlock(reader, writer, this.#plane, 1);
  }
}

import type { JpegLayout } from '../layout.ts';
import type { RecodeFault } from './faults.ts';
import { PlaneBand, putEmptyBlock, type Sampling } from './plane-band.ts';
import { CHROMA_CODES, type PlaneCoder } from './plane-coder.ts';
import { Restarts } from './restarts.ts';
import { ScanReader } from './scan-reader.ts';
import type { ScanWriter } from './scan-writer.ts';

/** T.81 §A.2: a scan of one component has MCUs of one block, whatever its sampling factors say. */
const mcuSamplings = ({ components }: JpegLayout): readonly Sampling[] =>
  components.length === 1 ? [{ h: 1, v: 1 }] : components;

/**
 * Codes a scan anew whose blocks come in another order: in MCUs of 2 x `lumaV` luma blocks and a block of Cb and of Cr.
 * The source is read a band at a time, as high as the higher of its and the new MCUs; then the band is written in the new
 * order. Where the source has no block (beyond its edge, or chroma of grayscale), an empty one is written.
 */
export class Regrouping {
  readonly #writer: ScanWriter;
  readonly #reader: ScanReader;
  readonly #restarts: Restarts;
  /** Goes back to blocks that `#reader` has read over. */
  readonly #revisitor: ScanReader;
  readonly #bands: readonly PlaneBand[];
  readonly #lumaV: number;
  /** MCUs in a row, rows of MCUs, and of these in a band. */
  readonly #source: { readonly columns: number; readonly rows: number; readonly bandRows: number };
  readonly #target: { readonly columns: number; readonly rows: number; readonly bandRows: number };

  constructor(bytes: Uint8Array, writer: ScanWriter, planes: readonly PlaneCoder[], layout: JpegLayout, lumaV: 1 | 2) {
    const { width, height, scanStart, scanEnd, restartInterval } = layout;
    this.#writer = writer;
    this.#reader = new ScanReader(bytes, scanStart, scanEnd);
    this.#revisitor = new ScanReader(bytes, scanStart, scanEnd);
    this.#restarts = new Restarts(this.#reader, planes, restartInterval);
    this.#lumaV = lumaV;
    const samplings = mcuSamplings(layout);
    const { h, v } = samplings[0]!;
    const bandV = Math.max(v, lumaV);
    const size = (mcuH: number, mcuV: number) => ({
      columns: Math.ceil(width / (8 * mcuH)),
      rows: Math.ceil(height / (8 * mcuV)),
      bandRows: bandV / mcuV,
    });
    this.#source = size(h, v);
    this.#target = size(2, lumaV);
    const { columns, bandRows } = this.#source;
    this.#bands = planes.map((plane, i) => new PlaneBand(plane, samplings[i]!, columns, bandRows));
  }

  run(): RecodeFault | undefined {
    const [source, target] = [this.#source, this.#target];
    let fault: RecodeFault | undefined;
    for (let row = 0, newRow = 0; newRow < target.rows && fault === undefined; row += source.bandRows) {
      fault = this.#readBand(Math.min(source.bandRows, source.rows - row));
      for (let y = 0; y < target.bandRows && newRow < target.rows && fault === undefined; y++, newRow++) {
        fault = this.#writeRow(y);
      }
    }
    return fault;
  }

  #readBand(rows: number): RecodeFault | undefined {
    for (const band of this.#bands) band.begin(rows);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < this.#source.columns; column++) {
        this.#restarts.beforeMcu();
        for (const band of this.#bands) {
          if (!band.noteMcu(this.#reader, row, column)) return this.#reader.fault;
        }
      }
    }
    return undefined;
  }

  /** One row of the new picture's MCUs, counted within the band. */
  #writeRow(row: number): RecodeFault | undefined {
    const [luma, cb, cr] = this.#bands as [PlaneBand, PlaneBand?, PlaneBand?];
    const lumaV = this.#lumaV;
    for (let column = 0; column < this.#target.columns; column++) {
      for (let y = row * lumaV; y < (row + 1) * lumaV; y++) {
        for (let x = 2 * column; x < 2 * column + 2; x++) {
          if (!this.#writer.hasRoom()) return 'output_full';
          luma.copy(this.#revisitor, this.#writer, y, x);
        }
      }
      for (const chroma of [cb, cr]) {
        if (!this.#writer.hasRoom()) return 'output_full';
        if (chroma === undefined) putEmptyBlock(this.#writer, CHROMA_CODES);
        else chroma.copy(this.#revisitor, this.#writer, row, column);
      }
    }
    return this.#revisitor.fault;
  }
}

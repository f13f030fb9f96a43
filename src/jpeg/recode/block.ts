import type { PlaneCoder } from './plane-coder.ts';
import type { ScanReader } from './scan-reader.ts';
import type { ScanWriter } from './scan-writer.ts';
import { isWithinBlock } from './symbol-runs.ts';
import { countOf, END_OF_BLOCK, LOOK_BITS, sizeOf, stepOf, takenOf } from './symbol-table.ts';

/** 8-bit samples have DC differences of at most 11 bits (T.81 table F.1). */
const MAX_DC_DIFFERENCE = 2047;

/** Read the DC coefficient of a block. A wrong code becomes the reader's fault. */
export function readDc(reader: ScanReader, plane: PlaneCoder): number {
  reader.fill();
  const size = reader.symbol(plane.dc);
  if (size < 0) return 0;
  reader.fill();
  plane.dcRead += signed(reader.take(size), size);
  return plane.dcRead;
}

/** The value that `size` bits stand for: it is negative when they begin with 0 (T.81 §F.2.2.1, EXTEND). */
const signed = (bits: number, size: number): number =>
  size > 0 && bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;

/** Write the DC coefficient of a block. A difference that has no code becomes the reader's fault. */
export function writeDc(reader: ScanReader, writer: ScanWriter, plane: PlaneCoder, dc: number): void {
  const difference = dc - plane.dcWritten;
  plane.dcWritten = dc;
  if (Math.abs(difference) > MAX_DC_DIFFERENCE) reader.fault ??= 'dc_overflow';
  else writer.putDcDifference(difference, plane.codes.dc);
}

/**
 * Keep up with the DC coefficient of the next block, where the predictions of source and target may differ. Returns from
 * where on the block is to be copied: 0 with its DC, as it is the same difference for both; 1 when it has been written.
 */
export function followDc(reader: ScanReader, writer: ScanWriter, plane: PlaneCoder): 0 | 1 {
  reader.fill();
  const action = plane.dc.byLook[2 * reader.peek(LOOK_BITS)]!;
  if (action === 0 || plane.dcRead !== plane.dcWritten) {
    writeDc(reader, writer, plane, readDc(reader, plane));
    return 1;
  }
  const size = sizeOf(action);
  plane.dcRead += signed(reader.peek(takenOf(action)) & ((1 << size) - 1), size);
  plane.dcWritten = plane.dcRead;
  return 0;
}

/**
 * Read a block from its DC coefficient (`first` = 0) or from behind it (1) on, and write its symbols with the standard
 * codes; the bits of the values stay as they are. This is where the time goes: 400 000 symbols in a fine 1080p picture.
 */
export function copyBlock(reader: ScanReader, writer: ScanWriter, plane: PlaneCoder, first: 0 | 1): void {
  const { acRuns } = plane;
  let runs = first === 0 ? plane.dcRuns : acRuns;
  let k: number = first;
  while (k < 64) {
    reader.fill();
    const look = 2 * reader.peek(LOOK_BITS);
    let action = runs[look]!;
    let code = runs[look + 1]!;
    if (action === 0 || !isWithinBlock(k + stepOf(action))) {
      const table = k === 0 ? plane.dc : plane.ac;
      const symbol = reader.symbol(table);
      if (symbol < 0) return;
      reader.fill();
      action = table.bySymbol[2 * symbol]!;
      code = table.bySymbol[2 * symbol + 1]!;
    }
    runs = acRuns;
    k += stepOf(action);
    const taken = takenOf(action);
    const value = reader.peek(taken) & ((1 << sizeOf(action)) - 1);
    reader.drop(taken);
    writer.put(code | value, countOf(action));
  }
  if (k > 64 && k < END_OF_BLOCK) reader.fault ??= 'block_overflow';
}

/** Read from behind the DC coefficient of a block to its end. */
export function skipBlock(reader: ScanReader, plane: PlaneCoder): void {
  let k = 1;
  while (k < 64) {
    reader.fill();
    let action = plane.acRuns[2 * reader.peek(LOOK_BITS)]!;
    if (action === 0 || !isWithinBlock(k + stepOf(action))) {
      const symbol = reader.symbol(plane.ac);
      if (symbol < 0) return;
      reader.fill();
      action = plane.ac.bySymbol[2 * symbol]!;
    }
    k += stepOf(action);
    reader.drop(takenOf(action));
  }
  if (k > 64 && k < END_OF_BLOCK) reader.fault ??= 'block_overflow';
}

import type { PlaneCoder } from './plane-coder.ts';
import type { ScanReader } from './scan-reader.ts';
import type { ScanWriter } from './scan-writer.ts';
import { isWithinBlock } from './symbol-runs.ts';
import { countOf, END_OF_BLOCK, sizeOf, stepOf, takenOf } from './symbol-table.ts';

/** 8-bit samples have DC differences of at most 11 bits (T.81 table F.1). */
const MAX_DC_DIFFERENCE = 2047;

/** Read the DC coefficient of a block. A wrong code becomes the reader's fault. */
export function readDc(reader: ScanReader, plane: PlaneCoder): number {
  reader.fill();
  const action = plane.dc.byLook[2 * reader.look()]!;
  let size = sizeOf(action);
  if (action === 0) {
    size = reader.symbol(plane.dc);
    if (size < 0) return 0;
    reader.fill();
  } else {
    reader.take(takenOf(action) - size);
  }
  const value = reader.take(size);
  const isNegative = size > 0 && value >>> (size - 1) === 0;
  plane.dcRead += isNegative ? value - (1 << size) + 1 : value;
  return plane.dcRead;
}

/** Write the DC coefficient of a block. A difference that has no code becomes the reader's fault. */
export function writeDc(reader: ScanReader, writer: ScanWriter, plane: PlaneCoder, dc: number): void {
  const difference = dc - plane.dcWritten;
  plane.dcWritten = dc;
  if (Math.abs(difference) > MAX_DC_DIFFERENCE) reader.fault ??= 'dc_overflow';
  else writer.putDcDifference(difference, plane.codes.dc);
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
    const look = 2 * reader.look();
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
    // A shift by 32 is one by 0, but then the value has no bits anyway.
    const value = (reader.window >>> (32 - taken)) & ((1 << sizeOf(action)) - 1);
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
    let action = plane.acRuns[2 * reader.look()]!;
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

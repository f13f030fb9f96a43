import { type HuffmanCodes, huffmanCodes } from '../huffman-codes.ts';
import type { OpenLayout } from '../layout.ts';
import { AC_CHROMINANCE, AC_LUMINANCE, DC_CHROMINANCE, DC_LUMINANCE } from '../standard-huffman.ts';
import type { RecodeFault } from './faults.ts';
import { readHuffmanDefinitions } from './huffman-definitions.ts';
import { symbolRuns } from './symbol-runs.ts';
import { type Actions, acActions, dcActions, type SymbolTable, symbolTable } from './symbol-table.ts';

/** The standard codes for one kind of component, and what they mean for each symbol of a source. */
export interface StandardCodes {
  readonly dc: HuffmanCodes;
  readonly ac: HuffmanCodes;
  readonly dcActions: Actions;
  readonly acActions: Actions;
}

export const LUMA_CODES = standardCodes(huffmanCodes(DC_LUMINANCE), huffmanCodes(AC_LUMINANCE));
export const CHROMA_CODES = standardCodes(huffmanCodes(DC_CHROMINANCE), huffmanCodes(AC_CHROMINANCE));

function standardCodes(dc: HuffmanCodes, ac: HuffmanCodes): StandardCodes {
  return { dc, ac, dcActions: dcActions(dc), acActions: acActions(ac) };
}

/** How the blocks of one component are coded in the source. */
interface SourceTables {
  readonly dc: SymbolTable;
  readonly ac: SymbolTable;
  /** Runs of symbols that begin with the DC of a block, and those within its AC coefficients. */
  readonly dcRuns: Actions;
  readonly acRuns: Actions;
}

/** Coding of the blocks of one component: what is read, what is written, and where both stand. */
export interface PlaneCoder extends SourceTables {
  readonly codes: StandardCodes;
  /** DC of the last block read and of the last one written, or 0: the predictions (T.81 §F.1.1.5.1). */
  dcRead: number;
  dcWritten: number;
}

/** A coder for each component of the scan: from the tables it names to the standard ones of its kind. */
export function planeCoders(bytes: Uint8Array, layout: OpenLayout): PlaneCoder[] | RecodeFault {
  const definitions = readHuffmanDefinitions(bytes, layout.sosStart);
  if (definitions === undefined) return 'bad_huffman_table';
  const planes: PlaneCoder[] = [];
  for (const [i, { dc, ac }] of layout.scan.entries()) {
    const [dcSource, acSource] = [definitions.dc[dc], definitions.ac[ac]];
    if (dcSource === undefined || acSource === undefined) return 'huffman_table_missing';
    const codes = i === 0 ? LUMA_CODES : CHROMA_CODES;
    const cb = layout.scan[1];
    const isLikeCb = i === 2 && cb?.dc === dc && cb.ac === ac;
    const tables = isLikeCb
      ? planes[1]!
      : sourceTables(symbolTable(dcSource, codes.dcActions), symbolTable(acSource, codes.acActions));
    planes.push({ ...tables, codes, dcRead: 0, dcWritten: 0 });
  }
  return planes;
}

function sourceTables(dc: SymbolTable, ac: SymbolTable): SourceTables {
  return { dc, ac, dcRuns: symbolRuns(dc, ac), acRuns: symbolRuns(ac, ac) };
}

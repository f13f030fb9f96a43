/**
 * The typical Huffman tables of ITU-T T.81 Annex K.3, which RFC 2435 §3.1 and every UVC camera without a DHT assume.
 * `counts[i]` is the number of codes of i + 1 bits (BITS), `values` the symbols in code order (HUFFVAL).
 */
export interface HuffmanTable {
  /** 0 = DC, 1 = AC (Tc). */
  readonly tableClass: 0 | 1;
  /** 0 = luminance, 1 = chrominance (Th). */
  readonly id: 0 | 1;
  readonly counts: Uint8Array;
  readonly values: Uint8Array;
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const DC_VALUES = '000102030405060708090a0b';

/** T.81 table K.3. */
export const DC_LUMINANCE: HuffmanTable = {
  tableClass: 0,
  id: 0,
  counts: bytes('00010501010101010100000000000000'),
  values: bytes(DC_VALUES),
};

/** T.81 table K.4. */
export const DC_CHROMINANCE: HuffmanTable = {
  tableClass: 0,
  id: 1,
  counts: bytes('00030101010101010101010000000000'),
  values: bytes(DC_VALUES),
};

/** T.81 table K.5. */
export const AC_LUMINANCE: HuffmanTable = {
  tableClass: 1,
  id: 0,
  counts: bytes('0002010303020403050504040000017d'),
  values: bytes(
    '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738' +
      '393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5' +
      'a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
  ),
};

/** T.81 table K.6. */
export const AC_CHROMINANCE: HuffmanTable = {
  tableClass: 1,
  id: 1,
  counts: bytes('00020102040403040705040400010277'),
  values: bytes(
    '0001020311040521310612415107617113223281081442'.concat(
      '91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a63646566',
      '6768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8',
      'c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
    ),
  ),
};

export const STANDARD_TABLES: readonly HuffmanTable[] = [DC_LUMINANCE, AC_LUMINANCE, DC_CHROMINANCE, AC_CHROMINANCE];

/** Tc and Th as they stand in one byte before each table of a DHT segment (T.81 §B.2.4.2). */
export const tableSelector = (table: HuffmanTable): number => (table.tableClass << 4) | table.id;

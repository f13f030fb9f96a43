/**
 * What a walk over a JPEG's markers finds: where things lie, never what they mean for a sender. Offsets count bytes
 * from the start of the picture. Markers: ITU-T T.81 table B.1.
 */

/** One component of the frame header (T.81 §B.2.2). */
export interface JpegComponent {
  readonly id: number;
  /** Horizontal and vertical sampling factors H, V. */
  readonly h: number;
  readonly v: number;
  /** Quantisation table selector Tq. */
  readonly tq: number;
}

/** Which Huffman tables a component of the scan uses (T.81 §B.2.3). */
export interface ScanComponent {
  /** The component's id in the frame header. */
  readonly id: number;
  /** DC table selector Td and AC table selector Ta. */
  readonly dc: number;
  readonly ac: number;
}

/** A quantisation table where it stands in its DQT segment, in zig-zag order (T.81 §B.2.4.1). */
export interface QuantTable {
  /** Offset of the 64 elements. */
  readonly offset: number;
  /** 8 or 16 bits an element: Pq. */
  readonly bits: 8 | 16;
}

/**
 * `absent`: no DHT, which in a UVC camera's MJPEG means the standard tables; `standard`: the tables of T.81 §K.3;
 * `other`: any other tables (an encoder that optimised them).
 */
export type HuffmanKind = 'absent' | 'standard' | 'other';

export interface JpegLayout {
  /** The SOFn marker's low byte: 0xC0 baseline, 0xC1 extended, 0xC2 progressive, 0xC3 lossless, 0xC9.. arithmetic. */
  readonly sof: number;
  /** Sample precision P in bits. */
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: readonly JpegComponent[];
  /** By table id 0-3; undefined where no DQT defined it. */
  readonly quantTables: readonly (QuantTable | undefined)[];
  readonly huffman: HuffmanKind;
  /** MCUs between restart markers; 0 is none (T.81 §B.2.4.4). */
  readonly restartInterval: number;
  /** The components of the first scan, in its order; fewer than `components` means several scans (T.81 §B.2.3). */
  readonly scan: readonly ScanComponent[];
  /** The SOS marker's first byte. */
  readonly sosStart: number;
  /** Entropy-coded bytes [scanStart, scanEnd): from after the SOS header up to EOI, restart markers included. */
  readonly scanStart: number;
  readonly scanEnd: number;
}

/** A layout of which only the end is not known yet. */
export type OpenLayout = Omit<JpegLayout, 'scanEnd'>;

/** Why a picture's markers could not be followed to the end of its scan. */
export type JpegFault =
  | 'empty'
  | 'no_soi'
  | 'bad_marker'
  | 'length_past_end'
  | 'bad_segment'
  | 'no_sof'
  | 'no_sos'
  /** The scan is cut off: there is no EOI, and for all that is known blocks are missing. */
  | 'no_eoi';

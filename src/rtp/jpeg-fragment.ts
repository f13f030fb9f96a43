import {
  JPEG_MAIN_HEADER_BYTES,
  type JpegMainHeader,
  readJpegMainHeader,
  TYPE_420,
  TYPE_422,
  TYPE_RESTART,
} from './jpeg-main-header.ts';
import { JPEG_QUANT_HEADER_BYTES, readJpegQuantHeader } from './jpeg-quant-header.ts';
import { JPEG_RESTART_HEADER_BYTES, readJpegRestartHeader } from './jpeg-restart-header.ts';

/** The tables of a frame's first packet, as they stand there. */
export interface FragmentTables {
  /** Bit i: table i has 16-bit coefficients. */
  readonly precision: number;
  /** Empty: those sent before for the same Q. */
  readonly bytes: Uint8Array;
}

/** The payload of one packet: its headers, and its piece of the scan as a view. */
export interface JpegFragment extends JpegMainHeader {
  /** MCUs between restart markers; 0 is none. */
  readonly restartInterval: number;
  /** Undefined where Q tells the tables, and in all packets of a frame but the first. */
  readonly tables: FragmentTables | undefined;
  readonly scan: Uint8Array;
}

/** Why a payload cannot be understood. */
export type FragmentFault =
  /** It ends before its headers do. */
  | 'headers_cut'
  /** Neither 4:2:2 nor 4:2:0 (RFC 2435 §4.1 has no other types). */
  | 'type'
  /** One of the two fields of an interlaced picture. */
  | 'interlaced'
  /** A restart interval of 0, which cannot be (RFC 2435 §3.1.7). */
  | 'restart_interval';

/** Type-specific of types 0 and 1: the odd and the even lines of a picture (RFC 2435 §4.1). */
const FIELDS: readonly number[] = [1, 2];
/** From this Q on the frame's first packet has a quantisation header (RFC 2435 §3.1.8). */
const Q_WITH_TABLES = 128;

/** Read an RTP payload, [start, end) of a packet (RFC 2435 §3.1). Never throws; what it returns are views of the packet. */
export function readJpegFragment(packet: Uint8Array, start: number, end: number): JpegFragment | FragmentFault {
  const view = new DataView(packet.buffer, packet.byteOffset + start, end - start);
  const main = readJpegMainHeader(view, 0);
  if (main === undefined) return 'headers_cut';
  const sampling = main.type & ~TYPE_RESTART;
  if (sampling !== TYPE_422 && sampling !== TYPE_420) return 'type';
  if (FIELDS.includes(main.typeSpecific)) return 'interlaced';
  let at = JPEG_MAIN_HEADER_BYTES;
  let restartInterval = 0;
  if (main.type >= TYPE_RESTART) {
    const restart = readJpegRestartHeader(view, at);
    if (restart === undefined) return 'headers_cut';
    if (restart.interval === 0) return 'restart_interval';
    restartInterval = restart.interval;
    at += JPEG_RESTART_HEADER_BYTES;
  }
  let tables: FragmentTables | undefined;
  if (main.q >= Q_WITH_TABLES && main.fragmentOffset === 0) {
    const quant = readJpegQuantHeader(view, at);
    if (quant === undefined) return 'headers_cut';
    at += JPEG_QUANT_HEADER_BYTES;
    tables = { precision: quant.precision, bytes: packet.subarray(start + at, start + at + quant.length) };
    at += quant.length;
  }
  const { typeSpecific, fragmentOffset, type, q, width8, height8 } = main;
  const scan = packet.subarray(start + at, end);
  // Member by member: this runs for every packet, and a spread costs as much as all the rest.
  return { typeSpecific, fragmentOffset, type, q, width8, height8, restartInterval, tables, scan };
}

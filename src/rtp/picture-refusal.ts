import type { FragmentFault } from './jpeg-fragment.ts';
import type { HeadFault } from './jpeg-head.ts';
import type { TablesFault } from './jpeg-quant-memory.ts';

/** Why a picture of which no packet is missing cannot be rebuilt. */
export type PictureRefusal =
  | FragmentFault
  | TablesFault
  | HeadFault
  /** A packet's piece does not begin where the one before it ended. */
  | 'bad_offset'
  /** Type, Q, size or restart interval are not those of the frame's first packet. */
  | 'inconsistent'
  /** The next picture began without a marker at the end of this one (RFC 2435 §3). */
  | 'no_marker'
  /** Not one byte of the scan. */
  | 'scan_empty'
  | 'too_large';

import assert from 'node:assert/strict';
import type { RecodeFault } from '../../src/jpeg/recode/faults.ts';
import { planRecode, type RecodeRefusal } from '../../src/jpeg/recode/plan-recode.ts';
import { recodeJpeg } from '../../src/jpeg/recode/recode-jpeg.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';
import { rtpJpegForm } from '../../src/rtp/jpeg-form.ts';
import { inputHash } from './input-hash.ts';
import { JPEG_FAULTS } from './layout-invariants.ts';
import { reasonsOf } from './target.ts';

export const RECODE_REASONS = [
  ...JPEG_FAULTS,
  ...reasonsOf<RecodeRefusal | 'not_needed'>({
    not_needed: true,
    not_sequential: true,
    twelve_bit: true,
    several_scans: true,
    scan_order: true,
    huffman_selectors: true,
    cmyk: true,
    subsampling: true,
    table_missing: true,
    table_16_bit: true,
    chroma_tables_differ: true,
    no_size: true,
    scan_empty: true,
  }),
  ...reasonsOf<RecodeFault>({
    bad_huffman_table: true,
    huffman_table_missing: true,
    bad_code: true,
    no_standard_code: true,
    block_overflow: true,
    dc_overflow: true,
    misplaced_marker: true,
    restart_missing: true,
    restart_out_of_order: true,
    scan_too_short: true,
    output_full: true,
  }),
];

const GUARD = 0xa5;
const GUARD_BYTES = 64;
/** A lying picture must not make us provide much: memory is that of a few frames. */
const CAPACITY_PER_BYTE = 7;
const CAPACITY_FIXED = 4096;

/** Codes pictures anew into one memory, as the daemon does, and holds all that the outcome promises. */
export class Recoding {
  #memory = new Uint8Array(1 << 16);

  /** The new picture, valid until the next call, or why there is none. The input chooses what is asked for. */
  recode(bytes: Uint8Array): Uint8Array | string {
    const hash = inputHash(bytes);
    const restartMarkers = (hash & 1) === 0 ? 'keep' : 'strip';
    const layout = walkJpeg(bytes);
    if (typeof layout === 'string') return layout;
    // Every other time also pictures that need it not, as if their tables were others.
    const huffman = (hash & 2) === 0 ? 'other' : layout.huffman;
    const plan = planRecode({ ...layout, huffman }, bytes, { restartMarkers });
    if (typeof plan === 'string') return plan;
    const { capacityBytes } = plan;
    assert.ok(capacityBytes <= CAPACITY_PER_BYTE * bytes.length + CAPACITY_FIXED, `it wants ${capacityBytes} bytes`);
    const roomBytes = (hash & 28) === 0 ? (hash >>> 5) % capacityBytes : capacityBytes; // now and then too few
    const out = this.#room(roomBytes);
    const length = recodeJpeg(bytes, layout, plan, out);
    this.#assertGuard(roomBytes);
    if (typeof length === 'string') return length;
    const picture = out.subarray(0, length);
    const after = walkJpeg(picture);
    if (typeof after === 'string') assert.fail(`the new picture is none: ${after}`);
    assert.equal(typeof rtpJpegForm(after, picture), 'object', 'the new picture cannot be sent');
    assert.equal(planRecode(after, picture, { restartMarkers }), 'not_needed');
    assert.deepEqual([after.width, after.height], [layout.width, layout.height]);
    return picture;
  }

  #room(bytes: number): Uint8Array {
    if (bytes + GUARD_BYTES > this.#memory.length) this.#memory = new Uint8Array(2 * (bytes + GUARD_BYTES));
    this.#memory.fill(GUARD, bytes, bytes + GUARD_BYTES);
    return this.#memory.subarray(0, bytes);
  }

  #assertGuard(at: number): void {
    const guard = this.#memory.subarray(at, at + GUARD_BYTES);
    assert.ok(
      guard.every((byte) => byte === GUARD),
      'bytes were written behind the buffer',
    );
  }
}

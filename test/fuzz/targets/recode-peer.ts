import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { JpegMutator } from '../mutate-jpeg.ts';
import { RECODE_REASONS, Recoding } from '../recoding.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';

/** Re-coding against libjpeg: where it reads the picture without complaint, it must see the same in the new one. */
export const recodePeerTarget: FuzzTarget = {
  name: 'recode-peer',
  share: 0.002,
  reasons: [...RECODE_REASONS, 'unreadable'],
  open({ pictures }) {
    const mutator = new JpegMutator(pictures);
    const recoding = new Recoding();
    return {
      make: (random) => mutator.next(random),
      check(input) {
        const after = recoding.recode(input);
        if (typeof after === 'string') return after;
        const options = isGray(input) ? ['-grayscale'] : [];
        const wanted = djpeg(input, options);
        if (wanted === undefined) return 'unreadable';
        const seen = djpeg(after, options);
        assert.ok(seen !== undefined, 'djpeg complains about the new picture only');
        assert.ok(seen.equals(wanted), 'djpeg sees another picture');
        return ACCEPTED;
      },
    };
  },
};

/** Such a picture gets chroma, which djpeg would decode to other bytes. */
function isGray(jpeg: Uint8Array): boolean {
  const layout = walkJpeg(jpeg);
  return typeof layout === 'object' && layout.components.length === 1;
}

/** The pixels; undefined when djpeg fails or has anything to say. */
function djpeg(jpeg: Uint8Array, options: readonly string[]): Buffer | undefined {
  const { error, status, stdout, stderr } = spawnSync('djpeg', options, { input: jpeg, maxBuffer: 1 << 28 });
  if (status === null) throw error ?? new Error('djpeg was ended by a signal');
  return status === 0 && stderr.length === 0 ? stdout : undefined;
}

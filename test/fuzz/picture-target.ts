import type { JpegLayout } from '../../src/jpeg/layout.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';
import { JPEG_FAULTS } from './layout-invariants.ts';
import { JpegMutator } from './mutate-jpeg.ts';
import type { FuzzTarget } from './target.ts';

/** Looks at a picture that the marker walk has accepted, and returns ACCEPTED or one of its reasons; throws a finding. */
export type CheckPicture = (input: Uint8Array, layout: JpegLayout) => string;

/** A target for mutated pictures; those that the marker walk refuses count by its reasons. */
export function pictureTarget(name: string, reasons: readonly string[], check: CheckPicture): FuzzTarget {
  return {
    name,
    share: 1,
    reasons: [...JPEG_FAULTS, ...reasons],
    open({ pictures }) {
      const mutator = new JpegMutator(pictures);
      return {
        make: (random) => mutator.next(random),
        check(input) {
          const layout = walkJpeg(input);
          return typeof layout === 'string' ? layout : check(input, layout);
        },
      };
    },
  };
}

import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { assertLayout, JPEG_FAULTS } from '../layout-invariants.ts';
import { JpegMutator } from '../mutate-jpeg.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';

/** The marker walk of pictures: whatever it accepts is as it says. */
export const walkTarget: FuzzTarget = {
  name: 'walk',
  share: 1,
  reasons: JPEG_FAULTS,
  open({ pictures }) {
    const mutator = new JpegMutator(pictures);
    return {
      make: (random) => mutator.next(random),
      check(input) {
        const layout = walkJpeg(input);
        if (typeof layout === 'string') return layout;
        assertLayout(layout, input);
        return ACCEPTED;
      },
    };
  },
};

import { assertLayout } from '../layout-invariants.ts';
import { pictureTarget } from '../picture-target.ts';
import { ACCEPTED } from '../target.ts';

/** The marker walk of pictures: whatever it accepts is as it says. */
export const walkTarget = pictureTarget('walk', [], (input, layout) => {
  assertLayout(layout, input);
  return ACCEPTED;
});

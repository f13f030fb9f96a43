import type { EncoderAdvice } from '../../src/record/encoders/encoder-advice.ts';
import { chooseEncoder } from '../../src/record/encoders/encoder-verdict.ts';

/** Advice of somebody who never probes and knows nothing against any encoder: what is asked for is taken, else copy. */
export const untestedEncoders = (): EncoderAdvice => {
  const unknown = { verdict: undefined, demoted: undefined, missing: false, needsSize: false };
  return {
    idle: true,
    undecided: () => false,
    choose: (wish, job, avoid) => ({ ...chooseEncoder(wish, avoid, () => unknown), job }),
    consider: () => undefined,
    failed: () => undefined,
  };
};

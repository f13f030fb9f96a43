import assert from 'node:assert/strict';
import {
  type Block,
  type CoefficientPicture,
  decodeCoefficients,
  visibleBlocks,
} from '../../support/coefficient-jpeg.ts';
import { inputHash } from '../input-hash.ts';
import { JpegMutator } from '../mutate-jpeg.ts';
import { RECODE_REASONS, Recoding } from '../recoding.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';

/** Reading all coefficients, bit by bit, takes far longer than coding them anew: one picture in so many. */
const READ_ONE_IN = 16;

/** Lossless re-coding: what comes out is a picture that RTP carries, with the coefficients of the one that went in. */
export const recodeTarget: FuzzTarget = {
  name: 'recode',
  share: 1,
  reasons: RECODE_REASONS,
  open({ pictures }) {
    const mutator = new JpegMutator(pictures);
    const recoding = new Recoding();
    return {
      make: (random) => mutator.next(random),
      check(input) {
        const after = recoding.recode(input);
        if (typeof after === 'string') return after;
        if ((inputHash(input) >>> 12) % READ_ONE_IN === 0) assertSameCoefficients(input, after);
        return ACCEPTED;
      },
    };
  },
};

/** Against a reader of coefficients that shares no code with the re-coding. */
function assertSameCoefficients(before: Uint8Array, after: Uint8Array): void {
  const [source, target] = [decodeCoefficients(before), decodeCoefficients(after)];
  const blocks = visibleBlocks(asScanned(source));
  if (blocks.length === 3) {
    assert.deepEqual(visibleBlocks(target), blocks);
    return;
  }
  const [luma, ...chroma] = target.planes;
  assert.deepEqual(visibleBlocks(asScanned({ ...target, planes: [luma!] })), blocks);
  for (const { rows } of chroma) for (const block of rows.flat()) assert.ok(isEmpty(block), 'made chroma is not empty');
}

/** A scan of one component has MCUs of one block, whatever its sampling factors (T.81 §A.2.2). */
const asScanned = (picture: CoefficientPicture): CoefficientPicture =>
  picture.planes.length > 1 ? picture : { ...picture, planes: [{ ...picture.planes[0]!, h: 1, v: 1 }] };

const isEmpty = (block: Block): boolean => block.every((value) => value === 0);

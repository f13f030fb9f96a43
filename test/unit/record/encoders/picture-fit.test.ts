import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitPicture } from '../../../../src/record/encoders/picture-fit.ts';

const MULTIPLE = { width: 64, height: 16 };

test('a picture that fits is left as it is', () => {
  const nothing = { filters: [], padding: { width: 0, height: 0 } };
  assert.deepEqual(fitPicture({ width: 1280, height: 720 }, MULTIPLE), nothing);
  assert.deepEqual(fitPicture(undefined, MULTIPLE), nothing);
});

test('1080 rows are padded to 1088', () => {
  assert.deepEqual(fitPicture({ width: 1920, height: 1080 }, MULTIPLE), {
    filters: ['pad=1920:1088:0:0'],
    padding: { width: 0, height: 8 },
  });
});

test('an odd row and column are cut off before', () => {
  assert.deepEqual(fitPicture({ width: 641, height: 481 }, { width: 2, height: 2 }).filters, ['crop=640:480:0:0']);
});

test('a fitted picture of any size is coded in whole multiples, and its padding is even', () => {
  const side = fc.integer({ min: 2, max: 8192 });
  fc.assert(
    fc.property(side, side, (width, height) => {
      const { filters, padding } = fitPicture({ width, height }, MULTIPLE);
      const coded = [padding.width + (width & ~1), padding.height + (height & ~1)] as const;
      assert.ok(coded[0] % MULTIPLE.width === 0 && coded[1] % MULTIPLE.height === 0);
      assert.ok(padding.width % 2 === 0 && padding.height % 2 === 0);
      assert.ok(padding.width < MULTIPLE.width && padding.height < MULTIPLE.height);
      const isPadded = padding.width + padding.height > 0;
      assert.equal(filters.includes(`pad=${coded[0]}:${coded[1]}:0:0`), isPadded);
    }),
  );
});

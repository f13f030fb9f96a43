import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Histogram } from '../../../src/base/histogram.ts';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

test('histogram of nothing has no quantile', () => {
  const histogram = new Histogram();
  assert.deepEqual([histogram.count, histogram.max, histogram.quantile(0.5)], [0, 0, undefined]);
});

test('histogram knows small values exactly', () => {
  const histogram = histogramOf([3, 1, 2, 15, 0]);
  assert.deepEqual(
    [0, 0.2, 0.4, 0.6, 0.8, 1].map((part) => histogram.quantile(part)),
    [0, 0, 1, 2, 3, 15],
  );
});

test('histogram knows any quantile of any values to a sixteenth, and the largest exactly', () => {
  const values = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 2 ** 31 }), fc.constant(2 ** 32 - 1)),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
      const histogram = histogramOf(all);
      const sorted = all.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(0, Math.ceil(part * all.length) - 1)]!;
      const given = histogram.quantile(part)!;
      assert.ok(given >= exact && given <= exact * (1 + 1 / 16), `${given} for ${exact}`);
      assert.equal(histogram.max, sorted.at(-1));
      assert.equal(histogram.quantile(1), sorted.at(-1));
    }),
  );
});

test('histogram takes what is out of its range for the nearest value in it', () => {
  const histogram = histogramOf([-5, 1e15, Number.POSITIVE_INFINITY, 0.4]);
  assert.deepEqual([histogram.quantile(0.5), histogram.max], [0, 2 ** 32 - 1]);
});

test('histogram that another one was added to is the one of the values of both', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.array(fc.nat()), (some, others) => {
      const sum = histogramOf(some);
      sum.add(histogramOf(others));
      const both = histogramOf([...some, ...others]);
      for (const part of [0, 0.5, 0.99, 1]) assert.equal(sum.quantile(part), both.quantile(part));
      assert.deepEqual([sum.count, sum.max], [both.count, both.max]);
    }),
  );
});

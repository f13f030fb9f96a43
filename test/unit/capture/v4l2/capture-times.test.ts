import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type MonoUs, monoUs } from '../../../../src/base/units.ts';
import { newSourceCounts, type TimestampFault } from '../../../../src/capture/frame-source.ts';
import { CaptureTimes } from '../../../../src/capture/v4l2/capture-times.ts';
import { LogCollector } from '../../../support/log-collector.ts';

const PERIOD_US = 33_333;
/** A picture is under way for so long. */
const DELAY_US = 40_000;
const START_US = 1_000_000_000;

const captured = (number: number): MonoUs => monoUs(START_US + number * PERIOD_US);
const arrived = (number: number): MonoUs => monoUs(captured(number) + DELAY_US);

function setUp() {
  const counts = newSourceCounts();
  const logger = new LogCollector();
  const times = new CaptureTimes(counts, logger);
  /** Pictures from..to, stamped as `stamp` says. */
  const run = (from: number, to: number, stamp: (number: number) => MonoUs | undefined = captured): MonoUs[] =>
    Array.from({ length: to - from }, (_, i) => times.next(stamp(from + i), arrived(from + i)));
  return { counts, logger, run };
}

test('CaptureTimes takes the timestamps of the kernel', () => {
  const { counts, logger, run } = setUp();
  assert.deepEqual(run(0, 3), [0, 1, 2].map(captured));
  assert.equal(counts.retimed.total, 0);
  assert.deepEqual(logger.lines, []);
});

const faults: [TimestampFault, string, (number: number) => MonoUs | undefined][] = [
  ['other_clock', 'are of another clock', () => undefined],
  ['ahead', 'lie in the future', (number) => monoUs(arrived(number) + 1)],
  ['backward', 'run backward', (number) => monoUs(captured(0) - number * PERIOD_US)],
  ['backward', 'stand still', () => captured(2)],
  ['too_old', 'jump back by seconds', (number) => monoUs(arrived(number) - 2_000_001)],
];

for (const [fault, what, stamp] of faults) {
  test(`CaptureTimes goes on in the distances of the pictures when timestamps ${what}, counts and warns once`, () => {
    const { counts, logger, run } = setUp();
    run(0, 3);
    assert.deepEqual(run(3, 6, stamp), [3, 4, 5].map(captured));
    assert.deepEqual(counts.retimed.toJSON(), { [fault]: 3 });
    assert.deepEqual(
      logger.of('kernel_timestamp_unusable').map(({ fields }) => fields['fault']),
      [fault],
    );
    assert.deepEqual(run(6, 8), [6, 7].map(captured));
  });
}

test('CaptureTimes takes the time of arrival when no timestamp could ever be true', () => {
  const { run } = setUp();
  assert.deepEqual(
    run(0, 3, () => undefined),
    [0, 1, 2].map(arrived),
  );
});

test('CaptureTimes believes a picture that waited while the event loop was blocked', () => {
  const { counts, run } = setUp();
  run(0, 3);
  assert.deepEqual(
    run(3, 5, (number) => monoUs(captured(number) - 1)),
    [3, 4].map((number) => captured(number) - 1),
  );
  assert.equal(counts.retimed.total, 0);
});

test('CaptureTimes always grow and never lie in the future, whatever the driver says', () => {
  const stamps = fc.array(
    fc.record({
      waitUs: fc.integer({ min: 1, max: 5_000_000 }),
      stamp: fc.option(fc.integer({ min: -10_000_000, max: 10_000_000 }), { nil: undefined }),
    }),
  );
  fc.assert(
    fc.property(stamps, (pictures) => {
      const counts = newSourceCounts();
      const times = new CaptureTimes(counts, new LogCollector());
      let now = START_US;
      let last = 0;
      for (const { waitUs, stamp } of pictures) {
        now += waitUs;
        const time = times.next(stamp === undefined ? undefined : monoUs(now + stamp), monoUs(now));
        assert.ok(time > last && time <= now, `${last}, ${time}, ${now}`);
        last = time;
      }
    }),
  );
});

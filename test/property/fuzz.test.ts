import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTarget } from '../fuzz/run-target.ts';
import { makeSeeds } from '../fuzz/seeds.ts';
import { ACCEPTED, type FuzzTarget } from '../fuzz/target.ts';
import { TARGETS } from '../fuzz/targets.ts';

/** The short version of `npm run fuzz`: always the same inputs, and time and memory are not judged. */
const SEED = 2435;
const FRAMES = 4000;
const INPUTS_LEAST = 60;

const seeds = makeSeeds();
const short = (target: FuzzTarget, inputs: number) =>
  runTarget(target, seeds, { seed: SEED, inputs, seconds: Number.POSITIVE_INFINITY, budgets: false });

for (const target of TARGETS) {
  test(`${target.name} holds what it promises, whatever was done to its input`, async () => {
    const inputs = Math.max(INPUTS_LEAST, Math.round(FRAMES * target.share));
    const { findings, accepted } = await short(target, inputs);
    assert.deepEqual(
      findings.map(({ index, problem }) => `input ${index}: ${problem}`),
      [],
    );
    assert.ok(accepted > 0 && accepted < inputs, 'the inputs are all good, or all bad');
  });
}

const broken = (check: (input: Uint8Array) => string): FuzzTarget => ({
  name: 'broken',
  share: 1,
  reasons: ['odd'],
  open: () => ({ make: (random) => random.bytes(4), check }),
});

test('fuzz tells an input that makes its target throw, once for each kind, and goes on', async () => {
  const target = broken((input) => {
    if (input[0]! < 50) throw new Error(`byte ${input[0]}`);
    return input[0]! % 2 === 0 ? ACCEPTED : 'odd';
  });
  const { findings, inputs, accepted, refused } = await short(target, 500);
  assert.equal(findings.length, 1);
  assert.match(findings[0]!.problem, new RegExp(`^Error: byte ${findings[0]!.input![0]}\n`));
  assert.equal(inputs, 500);
  assert.ok(accepted > 100 && refused['odd']! > 100);
});

test('fuzz tells a refusal for a reason that nobody knows', async () => {
  const { findings } = await short(
    broken(() => 'because'),
    10,
  );
  assert.deepEqual(
    findings.map(({ index, problem }) => [index, problem]),
    [[0, 'refused for an unknown reason: because']],
  );
});

test('fuzz makes the same input again from seed and number alone', async () => {
  const seen: string[][] = [[], []];
  for (const inputs of seen) {
    await short(
      broken((input) => {
        inputs.push(Buffer.from(input).toString('hex'));
        return ACCEPTED;
      }),
      100,
    );
  }
  assert.deepEqual(seen[0], seen[1]);
  assert.equal(new Set(seen[0]).size, 100);
});

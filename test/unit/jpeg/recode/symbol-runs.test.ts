import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHROMA_CODES, LUMA_CODES } from '../../../../src/jpeg/recode/plane-coder.ts';
import { symbolRuns } from '../../../../src/jpeg/recode/symbol-runs.ts';
import {
  type Actions,
  countOf,
  END_OF_BLOCK,
  sizeOf,
  stepOf,
  symbolTable,
  takenOf,
} from '../../../../src/jpeg/recode/symbol-table.ts';

/** Codes of 1, 2, 3 ... bits for the symbols in turn. */
const acTable = (values: readonly number[], codes = LUMA_CODES) =>
  symbolTable(
    { counts: Uint8Array.from({ length: 16 }, (_, i) => (i < values.length ? 1 : 0)), values: Uint8Array.from(values) },
    codes.acActions,
  );

const runsOf = (table: ReturnType<typeof acTable>): Actions => symbolRuns(table, table);

/** What is to be done when the source goes on with these bits. */
function after(
  runs: Actions,
  bits: string,
): { step: number; count: number; size: number; taken: number; code: string } {
  const look = 2 * Number.parseInt(bits, 2);
  const [action, code] = [runs[look]!, runs[look + 1]!];
  return {
    step: stepOf(action),
    count: countOf(action),
    size: sizeOf(action),
    taken: takenOf(action),
    code: code.toString(2).padStart(countOf(action), '0'),
  };
}

// T.81 table K.5: 0/1 is 00, 0/2 is 01, 1/1 is 1100, EOB is 1010, 15/0 is 11111111001.

test('symbolRuns joins symbols with their values until EOB', () => {
  const runs = runsOf(acTable([0x01, 0x11, 0x00]));
  // 0/1 with value 1, 1/1 with value 0, EOB, and what comes behind it.
  const { step, count, size, taken, code } = after(runs, '0110011011');
  assert.deepEqual([step, size, taken], [1 + 2 + END_OF_BLOCK, 0, 8]);
  assert.deepEqual([code, count], ['001' + '11000' + '1010', 12]);
});

test('symbolRuns leaves the value of the last symbol open when it goes beyond the look', () => {
  const runs = runsOf(acTable([0x01, 0x02]));
  // Three times 0/1 with value 1, then 0/2 with its code and half of its value.
  const { step, size, taken, code } = after(runs, '0101011011');
  assert.deepEqual([step, size, taken], [4, 2, 10]);
  assert.equal(code, '0010010010100');
});

test('symbolRuns ends before a symbol whose code goes beyond the look', () => {
  const runs = runsOf(acTable([0x01, 0x11, 0x21, 0x31, 0x00]));
  // Four times 0/1, then the first two of the five bits of EOB.
  assert.deepEqual([after(runs, '0000000011').step, after(runs, '0000000011').taken], [4, 8]);
});

test('symbolRuns knows nothing where the first symbol has a long code or the standard table none', () => {
  const runs = runsOf(acTable([0x01, 0x0b, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x11]));
  assert.equal(after(runs, '1000000000').taken, 0);
  assert.equal(after(runs, '1111111111').taken, 0);
});

test('symbolRuns has fewer than 64 coefficients in a run, EOB not counted, so that runs with it are told from those without', () => {
  const codings = [LUMA_CODES, CHROMA_CODES];
  for (const values of [
    [0xf0, 0xe1, 0xe2, 0x00],
    [0x00, 0xf0, 0xf1],
    [0xf1, 0x00, 0xf0],
    [0xe1, 0xf0, 0x00],
  ]) {
    for (const runs of codings.map((codes) => runsOf(acTable(values, codes)))) {
      for (let look = 0; look < runs.length; look += 2) {
        assert.ok(stepOf(runs[look]!) % END_OF_BLOCK < 64, `${stepOf(runs[look]!)} coefficients`);
        assert.ok(countOf(runs[look]!) <= 31);
      }
    }
  }
});

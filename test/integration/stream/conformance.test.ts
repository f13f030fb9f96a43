import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CASES } from '../../conformance/cases.ts';
import { type CaseResult, runCase } from '../../conformance/suite.ts';
import { conformanceTable, faultsOf } from '../../conformance/table.ts';

/** The conformance suite against the real receivers; prints its table (docs/conformance.md tells what it means). */

const folder = mkdtempSync(join(tmpdir(), 'cambox-conformance-'));
const results: CaseResult[] = [];
after(() => {
  rmSync(folder, { recursive: true });
  process.stdout.write(`${conformanceTable(results)}\n`);
});

for (const [i, one] of CASES.entries()) {
  const what =
    one.refused === undefined ? 'is shown exactly by every receiver that can' : `is refused as ${one.refused}`;
  test(`[RFC2435] ${one.name} ${what}`, async () => {
    const place = join(folder, String(i));
    mkdirSync(place);
    const result = await runCase(one, place, undefined);
    results.push(result);
    assert.deepEqual(faultsOf(result), []);
  });
}

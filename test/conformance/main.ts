import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases.ts';
import { type CaseResult, runCase } from './suite.ts';
import { conformanceTable, faultsOf } from './table.ts';

/**
 * `npm run conformance`: prints the table. `-- --only TEXT` runs the cases whose name has that text;
 * `-- --sender 'SHELL LINE'` judges another sender, which finds the folder of .jpg in $SOURCE and sends to 127.0.0.1:$PORT.
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, sender: { type: 'string' } } });
const { only, sender } = values;
const chosen = CASES.filter(({ name }) => only === undefined || name.includes(only));
if (chosen.length === 0) {
  process.stderr.write(
    `No case has ${JSON.stringify(only)} in its name. Cases:\n${CASES.map(({ name }) => `  ${name}\n`).join('')}`,
  );
  process.exit(64);
}
const folder = mkdtempSync(join(tmpdir(), 'cambox-conformance-'));
const results: CaseResult[] = [];
try {
  for (const [i, one] of chosen.entries()) {
    const place = join(folder, String(i));
    mkdirSync(place);
    results.push(await runCase(one, place, sender));
  }
} finally {
  rmSync(folder, { recursive: true });
}
const faults = results.flatMap(faultsOf);
process.stdout.write(`${conformanceTable(results)}\n\n${faults.join('\n')}${faults.length > 0 ? '\n' : ''}`);
process.exitCode = faults.length === 0 ? 0 : 1;

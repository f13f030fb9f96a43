import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CASES } from '../../conformance/cases.ts';
import { type CaseResult, FRAMES, runCase } from '../../conformance/suite.ts';
import { conformanceTable, faultsOf } from '../../conformance/table.ts';

/** The conformance suite against the real receivers; prints its table (docs/conformance.md tells what it means). */

/** The line that the docs give for another sender. */
const [, SENDER = ''] = /--sender '(gst[^']+)'/.exec(readFileSync('docs/conformance.md', 'utf8')) ?? [];

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

const byAnother = async (name: string, sender: string): Promise<CaseResult> => {
  const place = mkdtempSync(join(folder, 'sender-'));
  return runCase(CASES.find((one) => one.name === name)!, place, sender);
};

test('another sender is judged, with the line of the docs', async () => {
  const result = await byAnother('ffmpeg 4:2:0', SENDER);
  assert.deepEqual(faultsOf(result), []);
  assert.ok(
    result.findings.every(({ seen }) => seen > FRAMES / 2),
    JSON.stringify(result.findings),
  );
  const wrong = faultsOf(await byAnother('ffmpeg 4:2:0, optimised Huffman tables', SENDER));
  assert.match(wrong.join(), /shows another picture/);
});

test('a sender that sends more pictures than were asked for is looked at up to a limit', async () => {
  const result = await byAnother('ffmpeg 4:2:0', SENDER.replace('num-buffers=20', 'num-buffers=60'));
  assert.deepEqual(faultsOf(result), []);
  assert.deepEqual(new Set(result.findings.map(({ seen }) => seen)), new Set([2 * FRAMES]));
});

for (const [what, receiver, seen, isFault] of [
  ['all pictures', 'cambox', 20, false],
  ['one picture too few', 'cambox', 19, true],
  ['one picture too few', 'ffmpeg', 19, false],
  ['two pictures too few', 'ffmpeg', 18, true],
  ['one picture of all', 'gstreamer', 1, true],
  ['no picture', 'gstreamer', 0, true],
  ['more pictures than were sent', 'gstreamer', 21, true],
] as const) {
  test(`the suite calls ${what} at ${receiver} ${isFault ? 'a fault' : 'well'}`, () => {
    const exact = { Y: Number.POSITIVE_INFINITY, U: Number.POSITIVE_INFINITY, V: Number.POSITIVE_INFINITY };
    const findings = [{ receiver, seen, psnr: exact }];
    assert.equal(faultsOf({ case: CASES[0]!, sent: 20, refused: {}, findings }).length > 0, isFault);
  });
}

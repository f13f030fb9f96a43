import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { VerdictFile } from '../../../../src/record/encoders/verdict-file.ts';
import { type EncoderMemory, NOTHING_REMEMBERED } from '../../../../src/record/encoders/verdict-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdict-file-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'encoders.json');
const file = new VerdictFile(path);

const AT = '2026-11-20T18:04:00.000Z';
const MEMORY: EncoderMemory = {
  verdicts: [
    { key: 'a', about: 'libx264 1280x720', verdict: { works: true, likenessDb: 44.5, lasting: true }, at: AT },
    { key: 'b', about: 'h264_qsv 1280x720', verdict: { works: false, reason: 'no', lasting: true }, at: AT },
  ],
  demotions: [{ encoder: 'h264_nvmpi', size: '1280x720', reason: 'green', at: AT }],
};

test('verdicts are read as they were written, and nothing else is left in the folder', async () => {
  await file.save(MEMORY);
  assert.deepEqual(await file.load(), MEMORY);
  assert.deepEqual(readdirSync(folder), ['encoders.json']);
});

test('only the newest are kept', async () => {
  const verdicts = Array.from({ length: 100 }, (_, i) => ({ ...MEMORY.verdicts[0]!, key: String(i) }));
  const demotions = Array.from({ length: 100 }, (_, i) => ({ ...MEMORY.demotions[0]!, reason: String(i) }));
  await file.save({ verdicts, demotions });
  const kept = await file.load();
  assert.deepEqual([kept.verdicts.length, kept.verdicts.at(-1)?.key], [64, '99']);
  assert.deepEqual([kept.demotions.length, kept.demotions.at(-1)?.reason], [20, '99']);
});

for (const [what, text] of [
  ['is torn', '{"version":1,"verdicts":[{"key":"a"'],
  ['is of another version', '{"version":2,"verdicts":[]}'],
  ['is none of ours', '["verdicts"]'],
  ['is empty', ''],
] as const) {
  test(`nothing is remembered from a file that ${what}`, async () => {
    writeFileSync(path, text);
    assert.deepEqual(await file.load(), NOTHING_REMEMBERED);
  });
}

test('entries that are not as we write them are left out', async () => {
  const [good] = MEMORY.verdicts;
  const odd = [null, 7, {}, { ...good, verdict: { works: true } }, { ...good, at: 1 }, { ...good, verdict: 'yes' }];
  const demotions = [{ ...MEMORY.demotions[0], encoder: 'h265' }, { encoder: 'copy' }];
  writeFileSync(path, JSON.stringify({ version: 1, verdicts: [...odd, good], demotions }));
  assert.deepEqual(await file.load(), { verdicts: [good], demotions: [] });
});

test('nothing is remembered when there is no file', async () => {
  assert.deepEqual(await new VerdictFile(join(folder, 'none.json')).load(), NOTHING_REMEMBERED);
});

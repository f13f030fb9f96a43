/**
 * Run by archive-crash.test.ts and killed on the way: finishes the clip `new` of a recording folder, then deletes the clip
 * `old`. Says what has been promised.
 */
import { writeSync } from 'node:fs';
import { SILENT } from '../../src/base/logger.ts';
import { ClipArchive } from '../../src/record/archive/clip-archive.ts';
import { ClipFile } from '../../src/record/clip/clip-file.ts';
import { clipResult } from './clip-results.ts';

const STDOUT = 1;
const dir = process.argv[2]!;
const file = new ClipFile(dir, 'new');
const archive = await ClipArchive.open({ dir, logger: SILENT, nowMs: 0 });
const bytes = await file.publish(clipResult('new'));
await archive.add({ ...clipResult('new'), path: file.path, bytes }, { bootId: 'b', clockSynced: true });
writeSync(STDOUT, 'added\n');
await archive.delete('old');
writeSync(STDOUT, 'deleted\n');
await archive[Symbol.asyncDispose]();

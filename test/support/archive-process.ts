/**
 * Run by archive/crash.test.ts and killed on the way: finishes the clip `new` of a recording folder, then deletes the clip
 * `old`; the same with a cut that is made of one. Says what has been promised.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { SILENT } from '../../src/base/logger.ts';
import { ClipArchive } from '../../src/record/archive/clip-archive.ts';
import { ClipFile } from '../../src/record/clip/clip-file.ts';
import { WholeFile } from '../../src/record/whole-file.ts';
import { clipResult } from './clip-results.ts';
import { CUTS } from './made-records.ts';

const STDOUT = 1;
const dir = process.argv[2]!;
const file = new ClipFile(dir, 'new');
const archive = await ClipArchive.open({ dir, logger: SILENT, nowMs: 0 });
const bytes = await file.publish(clipResult('new'));
await archive.add({ ...clipResult('new'), path: file.path, bytes }, { bootId: 'b', clockSynced: true });
writeSync(STDOUT, 'added\n');
await archive.delete('old');
writeSync(STDOUT, 'deleted\n');
const cut = new WholeFile(join(dir, CUTS.new.file), 'write');
await cut.publish();
await archive.made.put([CUTS.new]);
writeSync(STDOUT, 'made\n');
await archive.made.delete(CUTS.old.file);
writeSync(STDOUT, 'unmade\n');
await archive[Symbol.asyncDispose]();

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import * as z from 'zod/mini';
import { SILENT } from '../../../src/base/logger.ts';
import type { ClipPage } from '../../../src/catalog/clips/clip-page.ts';
import { CommandExecutor } from '../../../src/control/executor.ts';
import { COMMANDS } from '../../../src/control/registry.ts';
import type { CommandResponse } from '../../../src/control/response.ts';
import { clipRecord } from '../../support/clip-records.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingRequester, request } from '../../support/recording-requester.ts';

let box: FakeBox;
let executor: CommandExecutor;
let count: number;

beforeEach(() => {
  box = new FakeBox();
  executor = new CommandExecutor(COMMANDS, box, { clock: new FakeClock(), logger: SILENT });
  count = 0;
});

/** A result must fit the command's own schema. */
async function run(name: string, args: object): Promise<CommandResponse> {
  const requester = new RecordingRequester();
  count += 1;
  executor.submit(request(name, args, { id: `id-${count}` }), requester);
  await new Promise((resolve) => setImmediate(resolve));
  const { status, result } = requester.last;
  const schema = COMMANDS.find((command) => command.name === name)!.result;
  if (status === 'succeeded') assert.deepEqual(z.parse(schema, result), result);
  return requester.last;
}

const clipsOf = ({ result }: CommandResponse): string[] => (result as ClipPage).clips.map(({ clip }) => clip);

describe('commands on the catalogue', () => {
  it('clip.list gives pages, newest first, filtered', async () => {
    for (let n = 0; n < 5; n++) box.archive.clips.put(clipRecord(n, { camera: n === 4 ? 'rear' : 'front' }));
    const first = await run('clip.list', { camera: 'front', limit: 3 });
    assert.deepEqual(clipsOf(first), ['clip-3', 'clip-2', 'clip-1']);
    const { next } = first.result as ClipPage;
    assert.deepEqual(clipsOf(await run('clip.list', { camera: 'front', limit: 3, cursor: next })), ['clip-0']);
    const from = clipRecord(3).started_at;
    assert.deepEqual(clipsOf(await run('clip.list', { from })), ['clip-4', 'clip-3']);
  });

  it('clip.search finds words, and says what is wrong with those that cannot be found', async () => {
    box.archive.clips.put(clipRecord(1, { label: 'fox' }));
    assert.deepEqual(clipsOf(await run('clip.search', { words: 'FOX' })), ['clip-1']);
    assert.equal((await run('clip.search', { words: '***' })).error?.code, 'bad_argument');
    assert.equal((await run('clip.search', { words: 'fox', cursor: 'x' })).error?.code, 'bad_argument');
  });

  it('clip.note, clip.protect and clip.get change and show a clip', async () => {
    box.archive.clips.put(clipRecord(1, { label: 'fox' }));
    await run('clip.note', { clip: 'clip-1', notes: 'at night' });
    await run('clip.protect', { clip: 'clip-1' });
    const { result } = await run('clip.get', { clip: 'clip-1' });
    const record = clipRecord(1, { label: 'fox', notes: 'at night', protected: true });
    assert.deepEqual(result, { ...record, triggers: [] });
  });

  it('clip.delete removes a clip, and refuses one that is protected', async () => {
    box.archive.clips.put(clipRecord(1, { protected: true }));
    assert.equal((await run('clip.delete', { clip: 'clip-1' })).error?.code, 'conflict');
    await run('clip.protect', { clip: 'clip-1', protected: false });
    assert.equal((await run('clip.delete', { clip: 'clip-1' })).status, 'succeeded');
    assert.equal((await run('clip.get', { clip: 'clip-1' })).error?.code, 'not_found');
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { PacedSource } from '../../../src/capture/paced-source.ts';
import { PictureFolder } from '../../../src/capture/replay/picture-folder.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { syntheticJpeg } from '../../support/jpegs.ts';

const parent = mkdtempSync(join(tmpdir(), 'picture-folder-'));
after(() => rmSync(parent, { recursive: true }));

const PICTURE = syntheticJpeg();

function folderOf(name: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
  return folder;
}

test('a folder is read by its name, whatever a glob would make of it', async () => {
  const folder = folderOf('shots[1]', { '1.jpg': PICTURE, '2.JPEG': PICTURE, 'notes.txt': 'x', '._1.jpg': 'x' });
  await using pictures = PictureFolder.open(folder);
  assert.deepEqual([pictures.count, pictures.width, pictures.height], [2, 64, 48]);
});

test('directories and dangling links are no pictures, links to pictures are', async () => {
  const folder = folderOf('links', { '1.jpg': PICTURE });
  mkdirSync(join(folder, '999.jpg'));
  symlinkSync(join(folder, '1.jpg'), join(folder, '2.jpg'));
  symlinkSync('nowhere', join(folder, '3.jpg'));
  for (const pattern of [folder, join(folder, '*.jpg')]) assert.equal(PictureFolder.open(pattern).count, 2);
});

test('the size is that of the first whole picture', () => {
  const { width, height } = PictureFolder.open(folderOf('torn', { '000.jpg': 'torn', '001.jpg': PICTURE }));
  assert.deepEqual([width, height], [64, 48]);
});

test('a folder of nothing but torn pictures is played once, with the reasons counted', async () => {
  const folder = folderOf('all-torn', { '000.jpg': 'torn', '001.jpg': PICTURE.subarray(0, 99) });
  const arena = new FrameArena(1 << 20);
  const about = { kind: 'replay', source: folder } as const;
  const pacing = { fps: undefined, loop: true };
  await using source = new PacedSource(about, PictureFolder.open(folder), pacing, { arena, clock: SYSTEM_CLOCK });
  const refusal = { code: 'bad_input', message: /none of its 2 pictures is whole: received \{"no_soi":1,"\w+":1\}/ };
  await assert.rejects(source.frames(new AbortController().signal).next(), refusal);
});

test('a picture that is removed while the others are played is left out; when all are gone, that is told', async () => {
  const folder = folderOf('rotated', { '1.jpg': PICTURE, '2.jpg': PICTURE, '3.jpg': PICTURE });
  const arena = new FrameArena(1 << 20);
  const about = { kind: 'replay', source: folder } as const;
  await using source = new PacedSource(
    about,
    PictureFolder.open(folder),
    { fps: undefined, loop: true },
    { arena, clock: SYSTEM_CLOCK },
  );
  const sequences: number[] = [];
  const playing = async (): Promise<void> => {
    for await (const frame of source.frames(new AbortController().signal)) {
      sequences.push(frame.sequence);
      frame.release();
      if (sequences.length === 1) rmSync(join(folder, '2.jpg'));
      if (sequences.length === 4) rmSync(folder, { recursive: true });
    }
  };
  const gone = { code: 'bad_input', message: /none of its 3 pictures is whole: received \{"unreadable":\d\}/ };
  await assert.rejects(playing, gone);
  assert.deepEqual(sequences, [0, 2, 3, 5]);
  assert.equal(arena.usedBytes, 0);
});

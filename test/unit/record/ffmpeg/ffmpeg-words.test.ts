import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints, damage, peakResidentBytes } from '../../../../src/record/ffmpeg/ffmpeg-words.ts';

const STDERR = `[info] Input #0, mov,mp4, from 'a.mp4':
[mov,mp4,m4a @ 0x5581c0] [warning] nothing to worry about
[h264 @ 0x5581c1] [error] mmco: unref short failure
[h264 @ 0x5581c1] [error] error while decoding MB 3 4, bytestream -5
[info] bench: maxrss=56388kB`;

test('complaints are the errors among lines with levels', () => {
  assert.equal(complaints(STDERR), 'mmco: unref short failure\nerror while decoding MB 3 4, bytestream -5');
});

test('complaints are all lines when none has a level', () => {
  assert.equal(complaints('a.mp4: No such file or directory'), 'a.mp4: No such file or directory');
});

test('damage is told of pictures, not of references that a seek has left behind', () => {
  assert.equal(damage(STDERR), 'error while decoding MB 3 4, bytestream -5');
});

test('the peak of resident memory is read where it is told', () => {
  assert.equal(peakResidentBytes(STDERR), 56388 * 1024);
  assert.equal(peakResidentBytes('killed'), undefined);
});

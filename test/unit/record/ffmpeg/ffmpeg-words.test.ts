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

const MATROSKA = [
  'File ended prematurely',
  'Element at 0xdebd1 ending at 0xfc2bf3f exceeds containing master element ending at 0x125a78',
  'Unknown-sized element at 0x8e248 inside parent with finite size',
  '0x00 at pos 1108344 (0x10e978) invalid as first byte of an EBML number',
  "Length 7 indicated by an EBML number's first byte 0x03 at pos 844796 (0xce3fc) exceeds max length 4.",
];
for (const words of MATROSKA) {
  test(`damage of Matroska is told: ${words}`, () => {
    const line = `[matroska,webm @ 0x5581c0] [error] ${words}\n`;
    assert.equal(damage(`${line}${line}[info] bench: maxrss=1kB`), words, 'once');
  });
}

test('the peak of resident memory is read where it is told', () => {
  assert.equal(peakResidentBytes(STDERR), 56388 * 1024);
  assert.equal(peakResidentBytes('killed'), undefined);
});

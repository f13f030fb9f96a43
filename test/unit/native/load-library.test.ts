import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadLibrary } from '../../../src/native/koffi.ts';

test('loadLibrary names the Debian package of a library that is missing', () => {
  assert.throws(() => loadLibrary('libcambox-no-such.so.0', 'libcambox0'), {
    code: 'missing_library',
    message: /Cannot load libcambox-no-such\.so\.0 .*apt-get install libcambox0/,
  });
});

import assert from 'node:assert/strict';
import { completeJpeg, completeJpegPieces, STANDARD_DHT } from '../../../src/jpeg/dht-injection.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { pictureTarget } from '../picture-target.ts';
import { ACCEPTED } from '../target.ts';

const SEQUENTIAL = [0xc0, 0xc1];

/** Pictures without Huffman tables get the standard ones, all others stay as they are, and nothing else changes. */
export const dhtInjectionTarget = pictureTarget('dht-injection', ['unchanged'], (input, layout) => {
  const whole = completeJpeg(input, layout);
  assert.equal(Buffer.compare(Buffer.concat(completeJpegPieces(input, layout)), whole), 0);
  if (layout.huffman !== 'absent' || !SEQUENTIAL.includes(layout.sof)) {
    assert.equal(whole, input);
    return 'unchanged';
  }
  const more = STANDARD_DHT.length;
  assert.deepEqual(walkJpeg(whole), {
    ...layout,
    huffman: 'standard',
    sosStart: layout.sosStart + more,
    scanStart: layout.scanStart + more,
    scanEnd: layout.scanEnd + more,
  });
  return ACCEPTED;
});

import assert from 'node:assert/strict';
import { LineReader } from '../../../src/control/socket/line-reader.ts';
import { inputHash } from '../input-hash.ts';
import { Random } from '../random.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';

const NEWLINE = 0x0a;
const MAX_BYTES = 64;

/** Lines of the local socket: the same however the stream is cut, and none longer than the limit. */
export const lineReaderTarget: FuzzTarget = {
  name: 'line-reader',
  share: 0.3,
  reasons: ['too_long', 'no_line'],
  open: () => ({
    make(random) {
      const lines = Array.from({ length: random.below(8) }, () => {
        const length = random.pick([0, 1, MAX_BYTES - 1, MAX_BYTES, MAX_BYTES + 1, random.below(200)]);
        return [...random.bytes(length), NEWLINE];
      });
      const stream = Uint8Array.from(lines.flat());
      return random.oneIn(2) ? stream : stream.subarray(0, random.below(stream.length));
    },
    check(stream) {
      const wanted = linesOf(stream);
      const seen = readInChunks(stream);
      // A line without its end is only told when it is too long already.
      assert.deepEqual(seen, wanted);
      if (wanted.length === 0) return 'no_line';
      return wanted.includes(undefined) ? 'too_long' : ACCEPTED;
    },
  }),
};

/** By the book; undefined for a line that is too long. */
function linesOf(stream: Uint8Array): (string | undefined)[] {
  const lines = Buffer.from(stream).toString('latin1').split('\n');
  const rest = lines.pop() ?? '';
  const told = lines.map((line) => (line.length > MAX_BYTES ? undefined : line));
  return rest.length > MAX_BYTES ? [...told, undefined] : told;
}

function readInChunks(stream: Uint8Array): (string | undefined)[] {
  const random = new Random(inputHash(stream));
  const reader = new LineReader(MAX_BYTES);
  const seen: (string | undefined)[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = at + random.between(1, random.pick([1, 10, 300]));
    for (const line of reader.push(stream.subarray(at, end))) {
      seen.push(line === undefined ? undefined : Buffer.from(line).toString('latin1'));
    }
    at = end;
  }
  return seen;
}

import assert from 'node:assert/strict';
import type { FileHandle } from 'node:fs/promises';
import { readBoxHeader } from '../../../src/record/media/mp4-fragment.ts';
import { measureStoredClip } from '../../../src/record/media/stored-clip.ts';
import { joined, mutateManyTimes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';

/** Clips that a power cut or a bad disk left: what is counted in them is sane, and lies within the file. */
export const storedClipTarget: FuzzTarget = {
  name: 'stored-clip',
  share: 0.3,
  reasons: ['no_frames'],
  open({ clip }) {
    const small = withSmallPictures(clip);
    return {
      make: (random) => mutatedClip(small, random),
      async check(file) {
        const { frames, spanMs, wholeBytes } = await measureStoredClip(asFile(file));
        assert.ok(Number.isInteger(frames) && frames >= 0, `${frames} frames`);
        assert.ok(Number.isFinite(spanMs) && spanMs >= 0, `${spanMs} ms`);
        assert.ok(wholeBytes >= 0 && wholeBytes <= file.length, `${wholeBytes} whole bytes of ${file.length}`);
        return frames > 0 ? ACCEPTED : 'no_frames';
      },
    };
  },
};

/** All boxes as they are, but for the pictures, which nobody reads: so a run sees more files. */
function withSmallPictures(clip: Uint8Array): Uint8Array {
  const boxes: Uint8Array[] = [];
  for (let at = 0; at < clip.length; ) {
    const { type, size } = readBoxHeader(clip, at) ?? assert.fail('the seed is no MP4');
    boxes.push(type === 'mdat' ? mdat(16) : clip.subarray(at, at + size));
    at += size;
  }
  return joined(...boxes);
}

const mdat = (bytes: number): Uint8Array =>
  Uint8Array.from([0, 0, 0, 8 + bytes, ...Buffer.from('mdat'), ...new Uint8Array(bytes)]);

function mutatedClip(clip: Uint8Array, random: Random): Uint8Array {
  let changed = clip;
  for (let left = random.below(3); left > 0; left--) changed = editBox(changed, random);
  return random.oneIn(3) ? changed : mutateManyTimes(changed, random);
}

const TYPES = ['moof', 'traf', 'tfhd', 'tfdt', 'trun', 'mdat', 'moov', 'mfhd'];
const SIZES = [0, 1, 7, 8, 9, 16, 0x7fffffff, 0x80000000, 0xffffffff];

/** Another size of a box, or other first words in its body: version and flags, counts, times. */
function editBox(clip: Uint8Array, random: Random): Uint8Array {
  const typeAt = Buffer.from(clip).indexOf(random.pick(TYPES), random.below(clip.length), 'latin1');
  if (typeAt < 4) return clip;
  const changed = clip.slice();
  const at = random.oneIn(2) ? typeAt - 4 : typeAt + 4 + 4 * random.below(5);
  if (at + 4 <= changed.length)
    new DataView(changed.buffer).setUint32(at, random.oneIn(2) ? random.pick(SIZES) : random.below(4096));
  return changed;
}

/** The two calls that measuring makes. */
function asFile(bytes: Uint8Array): FileHandle {
  const file = {
    stat: async () => ({ size: bytes.length }),
    read: async (into: Uint8Array, offset: number, length: number, position: number) => {
      const piece = bytes.subarray(position, position + length);
      into.set(piece, offset);
      return { bytesRead: piece.length, buffer: into };
    },
  };
  return file as unknown as FileHandle;
}

import type { Random } from './random.ts';

/** Bytes in, other bytes out; never in place. */
export type ByteEdit = (bytes: Uint8Array, random: Random) => Uint8Array;

const flipBit: ByteEdit = (bytes, random) => {
  const changed = bytes.slice();
  const at = random.below(bytes.length);
  if (bytes.length > 0) changed[at]! ^= 1 << random.below(8);
  return changed;
};

const setByte: ByteEdit = (bytes, random) => {
  const changed = bytes.slice();
  if (bytes.length > 0) changed[random.below(bytes.length)] = random.byte();
  return changed;
};

const setWord: ByteEdit = (bytes, random) => {
  const changed = bytes.slice();
  const at = random.below(bytes.length - 1);
  const word = random.word();
  if (bytes.length > 1) changed.set([word >> 8, word & 0xff], at);
  return changed;
};

const truncate: ByteEdit = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));

const remove: ByteEdit = (bytes, random) => {
  const at = random.below(bytes.length);
  return joined(bytes.subarray(0, at), bytes.subarray(at + random.between(1, 32)));
};

const insert: ByteEdit = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const filling = Array.from({ length: random.between(1, 16) }, () => random.byte());
  return joined(bytes.subarray(0, at), Uint8Array.from(filling), bytes.subarray(at));
};

const repeat: ByteEdit = (bytes, random) => {
  const at = random.below(bytes.length);
  const piece = bytes.subarray(at, at + random.between(1, 64));
  return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
};

const EDITS: readonly ByteEdit[] = [flipBit, flipBit, setByte, setByte, setWord, truncate, remove, insert, repeat];

/** One change anywhere. */
export const mutateBytes: ByteEdit = (bytes, random) => random.pick(EDITS)(bytes, random);

/** Changes at a few places: mostly one, seldom many. */
export const mutateManyTimes: ByteEdit = (bytes, random) => {
  let changed = bytes;
  for (let left = severalTimes(random); left > 0; left--) changed = mutateBytes(changed, random);
  return changed;
};

/** Mostly 1, seldom up to 8. */
export function severalTimes(random: Random): number {
  let times = 1;
  while (times < 8 && random.oneIn(2)) times += 1;
  return times;
}

/** The beginning of one and the end of another. */
export function splice(one: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  return joined(one.subarray(0, random.below(one.length + 1)), other.subarray(random.below(other.length + 1)));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

import { segmentOf } from './jpeg-parts.ts';
import type { Random } from './random.ts';

/** Marker segments with values at the edge of what they can say, or beyond it (ITU-T T.81 annex B). */

const DHT = 0xc4;
const DQT = 0xdb;
const DRI = 0xdd;
const SOS = 0xda;

/** A segment with some of its fields set to extremes; of its own kind, and perhaps of another length. */
export function extremeSegment(segment: Uint8Array, random: Random): Uint8Array {
  const marker = segment[1]!;
  if (marker === DQT) return extremeQuantTables(random);
  if (marker === DHT) return extremeHuffmanTables(segment, random);
  if (marker === DRI) return extremeRestartInterval(random);
  if (marker === SOS) return extremeScanHeader(segment, random);
  if ((marker & 0xf0) === 0xc0) return extremeFrameHeader(segment, random);
  return segmentOf(marker, random.bytes(random.below(40)));
}

/** Precision, size, components and their sampling and tables (T.81 §B.2.2); or another process altogether. */
function extremeFrameHeader(segment: Uint8Array, random: Random): Uint8Array {
  const changed = segment.slice();
  const component = 10 + 3 * random.below(3);
  switch (random.below(8)) {
    case 0:
      changed[1] = 0xc0 + random.below(16);
      break;
    case 1:
      changed[4] = random.byte();
      break;
    case 2:
      setWord(changed, 5, random.word());
      break;
    case 3:
      setWord(changed, 7, random.word());
      break;
    case 4:
      changed[9] = random.byte();
      break;
    case 5:
      changed[component + 1] = random.oneIn(2) ? random.byte() : (random.below(5) << 4) | random.below(5);
      break;
    case 6:
      changed[component + 2] = random.oneIn(2) ? random.byte() : random.below(5);
      break;
    default:
      return manyComponents(changed, random);
  }
  return changed;
}

/** As many components as it says, up to 255. */
function manyComponents(segment: Uint8Array, random: Random): Uint8Array {
  const count = random.oneIn(2) ? random.below(6) : random.below(256);
  const components = Array.from({ length: count }, (_, i) => [i + 1, 0x11 + random.below(2) * 0x11, random.below(4)]);
  return segmentOf(segment[1]!, [...segment.subarray(4, 9), count, ...components.flat()]);
}

/** Any number of tables of any precision, whole or torn (T.81 §B.2.4.1). */
function extremeQuantTables(random: Random): Uint8Array {
  const body: number[] = [];
  for (let left = random.between(0, 5); left > 0; left--) {
    const precision = random.oneIn(4) ? random.below(3) : 0;
    const element = random.byte();
    body.push((precision << 4) | random.below(random.oneIn(8) ? 16 : 4));
    body.push(...new Array<number>(64 * (precision + 1)).fill(element));
  }
  return segmentOf(DQT, random.oneIn(4) ? body.slice(0, random.below(body.length + 1)) : body);
}

/** Codes that do not fit in, too many symbols, other tables, none (T.81 §B.2.4.2). */
function extremeHuffmanTables(segment: Uint8Array, random: Random): Uint8Array {
  const changed = segment.slice();
  switch (random.below(5)) {
    case 0: // the number of codes of some length
      changed[5 + random.below(16)] = random.byte();
      return changed;
    case 1: // one code moves to another length: the segment stays whole
      return moveCode(changed, random);
    case 2: // another symbol
      changed[21 + random.below(changed.length - 21)] = random.byte();
      return changed;
    case 3: // class and number
      changed[4] = random.oneIn(2) ? random.byte() : (random.below(3) << 4) | random.below(5);
      return changed;
    default:
      return segmentOf(DHT, randomHuffmanTable(random));
  }
}

function moveCode(segment: Uint8Array, random: Random): Uint8Array {
  const [from, to] = [5 + random.below(16), 5 + random.below(16)];
  if ((segment[from] ?? 0) === 0 || segment[to] === 255) return segment;
  segment[from]! -= 1;
  segment[to]! += 1;
  return segment;
}

/** Well formed: as many symbols as the lengths say. Not always a prefix code. */
function randomHuffmanTable(random: Random): number[] {
  const counts = Array.from({ length: 16 }, (_, i) => (random.oneIn(2) ? random.below(Math.min(2 << i, 12)) : 0));
  const symbols = counts.reduce((sum, count) => sum + count, 0);
  const selector = (random.below(2) << 4) | random.below(4);
  return [selector, ...counts, ...Array.from({ length: symbols }, () => random.below(256))];
}

/** Every number of MCUs, and lengths that are not 4 (T.81 §B.2.4.4). */
export function extremeRestartInterval(random: Random): Uint8Array {
  const interval = random.oneIn(2) ? random.below(16) : random.word();
  const body = [interval >> 8, interval & 0xff];
  return segmentOf(DRI, random.oneIn(8) ? body.slice(random.below(2)).concat(random.byte()) : body);
}

/** Components, their tables, and the spectral selection (T.81 §B.2.3). */
function extremeScanHeader(segment: Uint8Array, random: Random): Uint8Array {
  const changed = segment.slice();
  switch (random.below(5)) {
    case 0:
      changed[4] = random.byte();
      break;
    case 1: {
      const count = random.below(7);
      const selectors = Array.from({ length: count }, (_, i) => [i + 1, random.pick([0x00, 0x11, 0x22, 0x33, 0x44])]);
      return segmentOf(SOS, [count, ...selectors.flat(), 0, 63, 0]);
    }
    case 2:
      changed[5 + 2 * random.below(3)] = random.byte();
      break;
    case 3:
      changed[6 + 2 * random.below(3)] = random.pick([0x00, 0x01, 0x10, 0x11, 0x22, 0x33, 0x40, 0x04, 0xff]);
      break;
    default:
      changed[changed.length - 1 - random.below(3)] = random.byte();
  }
  return changed;
}

const setWord = (bytes: Uint8Array, at: number, word: number): void => {
  bytes[at] = word >> 8;
  bytes[at + 1] = word & 0xff;
};

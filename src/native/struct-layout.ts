import { endianness } from 'node:os';
import { CamboxError } from '../base/errors.ts';
import { koffi } from './koffi.ts';

/**
 * A kernel struct as our code reads and writes it in raw buffers: plain numbers, as marshalling objects costs
 * microseconds a call. Unit tests compare the numbers with what C compilers make of the kernel's headers.
 */
export interface StructLayout {
  /** As in C: "struct v4l2_buffer". */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Offset by C member path, as in offsetof(): "timestamp.tv_sec". */
  readonly at: Readonly<Record<string, number>>;
}

/** What a machine's C makes of the types on which layouts depend. */
export interface CAbi {
  readonly endianness: string;
  readonly longBytes: number;
  readonly pointerBytes: number;
  readonly int64Alignment: number;
}

/** Linux on x64 and arm64. */
const EXPECTED: CAbi = { endianness: 'LE', longBytes: 8, pointerBytes: 8, int64Alignment: 8 };

const hereAbi = (): CAbi => ({
  endianness: endianness(),
  longBytes: koffi.sizeof('long'),
  pointerBytes: koffi.sizeof('void *'),
  int64Alignment: koffi.alignof('int64_t'),
});

/**
 * Check that C lays out structs on this machine by the rules for which the tables are right. Throws `unsupported`
 * where it does not: writing by their numbers would corrupt memory.
 *
 * @param abi for tests: another machine's
 */
export function assertAbi(abi: CAbi = hereAbi()): void {
  const differences = Object.keys(EXPECTED).filter((key) => abi[key as keyof CAbi] !== EXPECTED[key as keyof CAbi]);
  if (differences.length === 0) return;
  throw new CamboxError('unsupported', {
    verb: 'use',
    thing: "the kernel's structs",
    reason: `this machine (${process.arch}) lays them out differently: ${differences.join(', ')}`,
    received: abi,
    remedy: 'Supported is Linux on x64 and arm64',
  });
}

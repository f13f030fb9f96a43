import type { NativeFunction } from './call-async.ts';
import type { Address } from './device-calls.ts';
import { libc } from './libc.ts';

/** A mapped stretch of a program's code. */
export interface CodeMapping {
  readonly address: Address;
  readonly length: number;
}

const MADV_DONTNEED = 4;
/** proc_pid_maps(5): address-address perms offset dev inode pathname */
const MAPS_LINE = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ +(.*)$/;
/** Only what cannot be written to is the same in the file: anything else would be lost. */
const CODE_PERMISSIONS = 'r-xp';

interface MemoryCalls {
  readonly trim: NativeFunction<[pad: number], number>;
  readonly advise: NativeFunction<[address: Address, length: number, advice: number], number>;
}

let bound: MemoryCalls | undefined;

function memoryCalls(): MemoryCalls {
  bound ??= {
    trim: libc().func('malloc_trim', 'int', ['size_t']),
    advise: libc().func('madvise', 'int', ['uintptr_t', 'size_t', 'int']),
  };
  return bound;
}

/**
 * Give memory that the C heap holds but nobody uses back to the kernel (malloc_trim(3)): V8's compilers leave megabytes
 * of it behind. Takes about a millisecond.
 */
export function giveBackFreeHeap(): void {
  memoryCalls().trim(0);
}

/** The code of a program in the text of /proc/PID/maps. */
export function codeMappings(maps: string, program: string): CodeMapping[] {
  const found: CodeMapping[] = [];
  for (const line of maps.split('\n')) {
    const [, from, to, permissions, path] = MAPS_LINE.exec(line) ?? [];
    if (permissions !== CODE_PERMISSIONS || path !== program) continue;
    const address = BigInt(`0x${from}`);
    found.push({ address, length: Number(BigInt(`0x${to}`) - address) });
  }
  return found;
}

/**
 * Let go of a program's code pages (madvise(2), MADV_DONTNEED): what only the start needed need not stay in memory, the rest
 * comes back out of the page cache when it is run next. A kernel that refuses keeps them: nothing is lost by that.
 */
export function giveBackCode(mappings: readonly CodeMapping[]): void {
  for (const { address, length } of mappings) memoryCalls().advise(address, length, MADV_DONTNEED);
}

import type { NativeFunction } from './call-async.ts';
import { libc } from './libc.ts';

/** Where in memory something is. koffi gives and takes pointers as BigInt. */
export type Address = bigint;

export interface DeviceCalls {
  readonly open: NativeFunction<[path: string, flags: number, mode: number], number>;
  readonly close: NativeFunction<[fd: number], number>;
  readonly ioctl: NativeFunction<[fd: number, request: number, argument: Uint8Array], number>;
  readonly mmap: NativeFunction<
    [address: Address, length: number, protection: number, flags: number, fd: number, offset: number],
    Address
  >;
  readonly munmap: NativeFunction<[address: Address, length: number], number>;
  readonly epollCreate1: NativeFunction<[flags: number], number>;
  readonly epollCtl: NativeFunction<[epoll: number, operation: number, fd: number, event: Uint8Array], number>;
  readonly epollWait: NativeFunction<[epoll: number, events: Uint8Array, maxEvents: number, timeoutMs: number], number>;
}

let bound: DeviceCalls | undefined;

/**
 * The system calls of device I/O, bound at the first use (open(2), ioctl(2), mmap(2), epoll(7)).
 *
 * `open` and `ioctl` are variadic in C but bound with fixed arguments: koffi refuses asynchronous calls of variadic
 * functions, and on Linux x64 and arm64 both conventions place these arguments in the same registers.
 */
export function deviceCalls(): DeviceCalls {
  bound ??= {
    open: libc().func('open', 'int', ['str', 'int', 'unsigned int']),
    close: libc().func('close', 'int', ['int']),
    ioctl: libc().func('ioctl', 'int', ['int', 'unsigned long', 'void *']),
    mmap: libc().func('mmap', 'void *', ['uintptr_t', 'size_t', 'int', 'int', 'int', 'int64_t']),
    munmap: libc().func('munmap', 'int', ['uintptr_t', 'size_t']),
    epollCreate1: libc().func('epoll_create1', 'int', ['int']),
    epollCtl: libc().func('epoll_ctl', 'int', ['int', 'int', 'int', 'void *']),
    epollWait: libc().func('epoll_wait', 'int', ['int', 'void *', 'int', 'int']),
  };
  return bound;
}

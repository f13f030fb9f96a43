import { lastErrno } from './koffi.ts';

export interface CallResult<Result> {
  readonly result: Result;
  /** errno as the call left it; meaningful only when `result` tells of a failure. */
  readonly errno: number;
}

/** A bound C function; `async` runs it on a libuv pool thread. */
export interface NativeFunction<Arguments extends unknown[], Result> {
  (...args: Arguments): Result;
  async(...args: [...Arguments, (error: Error | null, result: Result) => void]): void;
}

/**
 * Run a bound C function on a libuv pool thread, for calls that may wait for hardware. errno is per thread: koffi
 * carries the pool thread's over to the callback, and there it is read. The arguments stay alive until the call ended.
 */
export function callAsync<Arguments extends unknown[], Result>(
  native: Pick<NativeFunction<Arguments, Result>, 'async'>,
  ...args: Arguments
): Promise<CallResult<Result>> {
  return new Promise((resolve, reject) => {
    native.async(...args, (error, result) => {
      const errno = lastErrno();
      if (error === null) resolve({ result, errno });
      else reject(error);
    });
  });
}

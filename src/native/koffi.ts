/**
 * The one place that loads koffi. Shared libraries are opened by the callers' files; nothing is loaded at import but
 * koffi itself.
 */
import koffi from 'koffi';
import { CamboxError } from '../base/errors.ts';

export { koffi };
export type Library = ReturnType<typeof koffi.load>;

/** Open a shared library by its soname. Throws `missing_library`, naming the Debian package that has it. */
export function loadLibrary(soname: string, debianPackage: string): Library {
  try {
    return koffi.load(soname);
  } catch (cause) {
    throw new CamboxError('missing_library', {
      verb: 'load',
      thing: soname,
      reason: cause instanceof Error ? cause.message : String(cause),
      remedy: `Install it: apt-get install ${debianPackage}`,
      cause,
    });
  }
}

/** The address of a buffer's first byte. koffi keeps no reference: the caller keeps the buffer alive. */
export const addressOf = (bytes: Uint8Array): bigint => koffi.address(bytes) as bigint;

/** errno of the calling thread: read it directly after the call that failed. */
export const lastErrno = (): number => koffi.errno();

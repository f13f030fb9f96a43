import { type Library, loadLibrary } from './koffi.ts';

let loaded: Library | undefined;

/** The C library, opened at the first use. (A handle to a process-wide library: not state of ours.) */
export function libc(): Library {
  loaded ??= loadLibrary('libc.so.6', 'libc6');
  return loaded;
}

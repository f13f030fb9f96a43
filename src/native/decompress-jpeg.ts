import { callAsync } from './call-async.ts';
import { demandHandle, TJPF, turboCalls } from './libturbojpeg.ts';

/** TJFLAG_FASTUPSAMPLE: chroma samples are repeated, not blended. */
const REPEAT_CHROMA = 256;

/**
 * Decode a JPEG of this size to pixels of R, G and B, on a pool thread, chroma without blending. A fault is also what the library only warns of
 * (bytes missing, corrupt data). Throws `missing_library`, `resource_limit`.
 */
export async function decompressJpeg(
  jpeg: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Uint8Array | { readonly fault: string }> {
  const { newDecompressor, decompress, errorText, destroy } = turboCalls();
  const handle = demandHandle(newDecompressor());
  try {
    const out = new Uint8Array(3 * width * height);
    const { length } = jpeg;
    // biome-ignore format: as in turbojpeg.h
    const { result } = await callAsync(decompress, handle, jpeg, length, out, width, 3 * width, height, TJPF.rgb,
      REPEAT_CHROMA);
    return result === 0 ? out : { fault: errorText(handle) };
  } finally {
    destroy(handle);
  }
}

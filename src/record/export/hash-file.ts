import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** One buffer for the whole file: a new one for each read piles up hundreds of megabytes before they are collected. */
const BUFFER_BYTES = 1 << 18;

/** SHA-256 of a file, as hex. Throws what the system says (`ENOENT`, `EIO`), or the signal's reason. */
export async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  await using file = await open(path, 'r');
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  const hash = createHash('sha256');
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
  }
}

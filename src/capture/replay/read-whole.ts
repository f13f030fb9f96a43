import { readSync } from 'node:fs';
import { CamboxError } from '../../base/errors.ts';
import type { Slot } from '../../frame/frame-arena.ts';

/**
 * Fill a slot from a file at an offset. Synchronous on purpose: the pictures come out of the page cache, where a trip
 * through the thread pool costs more than the read. Frees the slot and throws `device_failed` when bytes are missing.
 */
export function readWhole(fd: number, path: string, slot: Slot, offset: number): void {
  let got = 0;
  try {
    got = readSync(fd, slot.bytes, 0, slot.bytes.length, offset);
  } catch (cause) {
    slot.free();
    throw new CamboxError('device_failed', { verb: 'read', thing: path, reason: String(cause), cause });
  }
  if (got === slot.bytes.length) return;
  slot.free();
  throw new CamboxError('device_failed', {
    verb: 'read',
    thing: path,
    reason: `it became shorter while being played: ${got} of ${slot.bytes.length} bytes at ${offset}`,
    remedy: 'Do not change a file while it is replayed.',
  });
}

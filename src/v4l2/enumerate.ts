import { EINVAL, ENOTTY } from '../native/errno.ts';
import type { StructLayout } from '../native/struct-layout.ts';
import type { V4l2Device } from './device.ts';

/** No driver has this many entries; one that never says "no more" must not keep us forever. */
const MAX_ENTRIES = 1024;

/**
 * Ask a driver for the entries of a list, as all VIDIOC_ENUM_* calls do it: by index from 0 until it answers EINVAL.
 * ENOTTY is a driver without such a list. `prepare` fills in what else the question holds. Yields each answer.
 */
export async function* enumerate(
  device: V4l2Device,
  request: number,
  layout: StructLayout & { readonly at: { readonly index: number } },
  prepare: (entry: Buffer) => void,
): AsyncGenerator<Buffer> {
  for (let index = 0; index < MAX_ENTRIES; index++) {
    const entry = Buffer.alloc(layout.size);
    entry.writeUInt32LE(index, layout.at.index);
    prepare(entry);
    if ((await device.call('list what is offered by', request, entry, [EINVAL, ENOTTY])) !== 0) return;
    yield entry;
  }
}

import { type FileHandle, open } from 'node:fs/promises';
import {
  BOX_HEADER_BYTES,
  type BoxHeader,
  type Fragment,
  readBoxHeader,
  readFragment,
  readTimescale,
} from './mp4-fragment.ts';

/** What of a clip's file can be played, counted by its own fragments. */
export interface StoredClip {
  readonly frames: number;
  /** From the first to the last frame. */
  readonly spanMs: number;
  /** Up to the end of the last whole fragment; what follows was torn off while it was written. */
  readonly wholeBytes: number;
}

/** A `moof` lists some seconds of frames at 16 bytes each, a `moov` is shorter; more than this is none of ours. */
const MAX_BODY_BYTES = 1 << 20;

/** As `measureStoredClip`, of a file by its path. */
export async function measureClip(path: string): Promise<StoredClip> {
  await using file = await open(path, 'r');
  return await measureStoredClip(file);
}

/** Walk the top-level boxes; only headers, `moov` and `moof` bodies are read, so a long clip costs little. */
export async function measureStoredClip(file: FileHandle): Promise<StoredClip> {
  const { size } = await file.stat();
  const header = Buffer.alloc(BOX_HEADER_BYTES);
  let [at, frames, firstTicks, lastTicks, wholeBytes] = [0, 0, 0, 0, 0];
  let pending: Fragment | undefined;
  let timescale: number | undefined;
  while (at < size) {
    const { bytesRead } = await file.read(header, 0, header.length, at);
    const box = readBoxHeader(header.subarray(0, bytesRead), 0);
    if (box === undefined || at + box.size > size) break;
    if (box.type === 'moof') {
      pending = readFragment(await readBody(file, box, at));
      // One that goes back in time was damaged: ffmpeg writes them in their order.
      if (pending === undefined || pending.firstTicks < lastTicks) break;
    } else {
      if (box.type === 'moov') timescale = readTimescale(await readBody(file, box, at));
      if (box.type === 'mdat' && pending !== undefined) {
        if (frames === 0) firstTicks = pending.firstTicks;
        frames += pending.frames;
        lastTicks = pending.lastTicks;
        pending = undefined;
      }
      if (pending === undefined) wholeBytes = at + box.size;
    }
    at += box.size;
  }
  if (timescale === undefined) return { frames: 0, spanMs: 0, wholeBytes: 0 }; // nothing plays without a header
  return { frames, spanMs: Math.round(((lastTicks - firstTicks) * 1e6) / timescale) / 1000, wholeBytes };
}

/** Nothing of a box that is too long to be ours. */
async function readBody(file: FileHandle, box: BoxHeader, at: number): Promise<Uint8Array> {
  const body = Buffer.alloc(box.size > MAX_BODY_BYTES ? 0 : box.size - box.headerBytes);
  await file.read(body, 0, body.length, at + box.headerBytes);
  return body;
}

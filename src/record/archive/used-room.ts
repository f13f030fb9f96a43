import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UNFINISHED } from '../whole-file.ts';
import type { ClipArchive } from './clip-archive.ts';
import { filesIn } from './files-in.ts';
import { PARTIAL } from './recover-partial.ts';

/** What files of the recording folder take. */
export interface UsedRoom {
  readonly bytes: number;
  readonly byCamera: ReadonlyMap<string, number>;
}

/** What is being written: clips under way count for their cameras, what jobs make for none until it is made. */
export async function roomBeingWritten(
  dir: string,
  recording: readonly { readonly clip: string; readonly camera: string }[],
): Promise<UsedRoom> {
  const cameras = new Map(recording.map(({ clip, camera }) => [clip, camera]));
  const files = (await filesIn(dir)).filter((name) => name.endsWith(PARTIAL) || name.endsWith(UNFINISHED));
  const sizes = await Promise.all(
    files.map((name) =>
      stat(join(dir, name)).then(
        ({ size }) => size,
        () => 0, // it has just been renamed
      ),
    ),
  );
  const room = { bytes: 0, byCamera: new Map<string, number>() };
  for (const [n, name] of files.entries()) {
    const bytes = sizes[n]!;
    const camera = name.endsWith(PARTIAL) ? cameras.get(name.slice(0, -PARTIAL.length)) : undefined;
    room.bytes += bytes;
    if (camera !== undefined) room.byCamera.set(camera, (room.byCamera.get(camera) ?? 0) + bytes);
  }
  return room;
}

/** Clips, what was made of them, and what is being written. */
export function usedRoom(archive: ClipArchive, written: UsedRoom): UsedRoom {
  const byCamera = new Map(written.byCamera);
  let { bytes } = written;
  for (const usage of [...archive.usage(), ...archive.made.usage()]) {
    byCamera.set(usage.camera, (byCamera.get(usage.camera) ?? 0) + usage.bytes);
    bytes += usage.bytes;
  }
  return { bytes, byCamera };
}

import assert from 'node:assert/strict';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { CamboxError } from '../../../../src/base/errors.ts';
import { type Logger, SILENT } from '../../../../src/base/logger.ts';
import type { FrameSource } from '../../../../src/capture/frame-source.ts';
import { openV4l2Source, type V4l2SourceOptions } from '../../../../src/capture/v4l2/v4l2-source.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';

export const forever = (): AbortSignal => new AbortController().signal;

/** The `v4l2` source of a camera: 640x480 at 30 a second, unless told otherwise. */
export function openSource(
  camera: { readonly path: string },
  options: Partial<V4l2SourceOptions> = {},
  arena = new FrameArena(16e6),
  logger: Logger = SILENT,
): Promise<FrameSource> {
  return openV4l2Source(
    { path: camera.path, width: 640, height: 480, fps: 30, ...options },
    { arena, clock: SYSTEM_CLOCK, logger },
  );
}

/** Read frames until one does not come any more, or `count` have; what the iteration threw. */
export async function readUntil(
  source: FrameSource,
  count: number,
  onFrame: (number: number) => void = () => undefined,
): Promise<{ readonly frames: number; readonly error: CamboxError | undefined }> {
  let frames = 0;
  try {
    for await (const frame of source.frames(forever())) {
      frame.release();
      frames += 1;
      onFrame(frames);
      if (frames === count) break;
    }
    return { frames, error: undefined };
  } catch (error) {
    assert.ok(error instanceof CamboxError, String(error));
    return { frames, error };
  }
}

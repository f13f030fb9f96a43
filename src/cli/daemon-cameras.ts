import { realpath } from 'node:fs/promises';
import type { CameraState } from '../base/camera-state.ts';
import { CamboxError } from '../base/errors.ts';
import { type BoxStatus, STATUS_QUERY } from '../control/socket/status-query.ts';
import { parseCameraName } from '../v4l2/camera-name.ts';
import { findCamera } from '../v4l2/find-camera.ts';
import type { CliIo } from './cli-command.ts';
import { askDaemon } from './daemon-socket.ts';

/** States in which a camera's device is open for good. */
const HOLDING: readonly string[] = ['streaming', 'recovering'] satisfies CameraState[];

/**
 * Which nodes the running daemon reads, each with the id of its camera. Empty when no daemon runs, may not be asked, or
 * hangs, which is noted: then /proc may still tell who has a node open (v4l2/holders.ts).
 */
export async function daemonCameras(io: CliIo, socket: string | undefined): Promise<ReadonlyMap<string, string>> {
  const cameras = new Map<string, string>();
  const status = await askDaemon(io, socket, STATUS_QUERY).catch((failure: unknown) => {
    if (failure instanceof CamboxError && failure.code === 'timed_out') io.note(failure.message);
    return undefined;
  });
  for (const [id, camera] of Object.entries((status as BoxStatus | undefined)?.cameras ?? {})) {
    const node = HOLDING.includes(String(camera['state'])) ? await nodeOf(String(camera['source'])) : undefined;
    if (node !== undefined) cameras.set(node, id);
  }
  return cameras;
}

async function nodeOf(source: string): Promise<string | undefined> {
  const name = parseCameraName(source);
  if (name === undefined) return undefined;
  return findCamera(name)
    .then((path) => realpath(path))
    .catch(() => undefined);
}

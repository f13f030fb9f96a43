import * as z from 'zod/mini';
import { CamboxError } from '../../base/errors.ts';
import type { CameraControl, StreamControl } from '../box.ts';

/** Where a stream goes and how to receive it. */
export const STREAM_RESULT = z.strictObject({ stream: z.string(), ssrc: z.int(), sdp: z.string() });

export const streamResult = ({ id, ssrc, sdp }: StreamControl): { stream: string; ssrc: number; sdp: string } => ({
  stream: id,
  ssrc,
  sdp,
});

/** `host:port`, IPv6 in brackets: see StreamControl.id. */
export const streamId = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** The stream with this id, or the camera's only one when none is named. Throws `not_found`, `conflict`. */
export function findStream(camera: CameraControl, id: string | undefined, verb: string): StreamControl {
  const streams = camera.streams();
  const there = streams.length === 0 ? 'it has none' : `it has ${streams.map((stream) => stream.id).join(', ')}`;
  if (id === undefined && streams.length > 1) {
    throw new CamboxError(
      'conflict',
      { verb, thing: `a stream of camera ${camera.id}`, reason: `${there}`, remedy: 'Name one as "stream"' },
      '/args/stream',
    );
  }
  const stream = id === undefined ? streams[0] : streams.find((candidate) => candidate.id === id);
  if (stream !== undefined) return stream;
  throw new CamboxError(
    'not_found',
    { verb, thing: `stream ${id ?? ''} of camera ${camera.id}`.replace('  ', ' '), reason: there },
    id === undefined ? '/args/camera' : '/args/stream',
  );
}

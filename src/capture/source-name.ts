import { CamboxError } from '../base/errors.ts';
import { type CameraName, parseCameraName } from '../v4l2/camera-name.ts';

/** What a source name of the config or the command line stands for. */
export type SourceName =
  | { readonly kind: 'v4l2'; readonly camera: CameraName }
  | { readonly kind: 'synthetic'; readonly width: number; readonly height: number }
  | { readonly kind: 'replay'; readonly path: string };

/** Of a side, as for cameras in the config: more holds up the whole process while it is made. */
const MOST_PIXELS = 8192;
/** What a camera's name begins with, understood or not. */
const CAMERA_PREFIX = /^(usb|serial|path):/;

/**
 * `/dev/...`, `usb:...`, `serial:...` and `path:...` are cameras, `synthetic:WxH` is a made picture, anything else a file,
 * folder or glob. Throws `bad_argument`.
 */
export function parseSourceName(name: string): SourceName {
  const camera = parseCameraName(name);
  if (camera !== undefined) return { kind: 'v4l2', camera };
  if (CAMERA_PREFIX.test(name)) throw badCameraName(name);
  if (!name.startsWith('synthetic')) return { kind: 'replay', path: name };
  const match = /^synthetic(?::(\d+)x(\d+))?$/.exec(name);
  const width = Number(match?.[1] ?? 1280);
  const height = Number(match?.[2] ?? 720);
  if (match === null || width < 1 || height < 1 || width > MOST_PIXELS || height > MOST_PIXELS) {
    throw new CamboxError('bad_argument', {
      verb: 'open',
      thing: 'the synthetic source',
      reason: match === null ? 'its size is not understood' : 'there is no such size',
      received: name,
      remedy: `Write synthetic:WIDTHxHEIGHT, e.g. synthetic:1920x1080; at most ${MOST_PIXELS} a side.`,
    });
  }
  return { kind: 'synthetic', width, height };
}

const badCameraName = (name: string): CamboxError =>
  new CamboxError('bad_argument', {
    verb: 'open',
    thing: 'the camera',
    reason: 'its name is not understood',
    received: name,
    remedy: 'Write usb:VID:PID, usb:VID:PID:SERIAL, serial:SERIAL or path:ID_PATH, as cambox devices shows them',
  });

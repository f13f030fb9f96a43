import { asCamboxError } from '../../../base/errors.ts';
import { ResourceStack } from '../../../base/resource-stack.ts';
import { captureType, outputType } from '../../../v4l2/buffer-type.ts';
import { setControl } from '../../../v4l2/control-values.ts';
import { listControls } from '../../../v4l2/controls.ts';
import { V4l2Device } from '../../../v4l2/device.ts';
import { listDeviceNodes } from '../../../v4l2/device-nodes.ts';
import { listFormats } from '../../../v4l2/formats.ts';
import { M2mSession } from '../../../v4l2/m2m-session.ts';
import type { JpegEncoder } from '../jpeg-encoder.ts';
import type { RawPicture } from '../raw-picture.ts';
import { M2mEncoder, sourceGeometry } from './m2m-encoder.ts';

/** bcm2835-codec and most others call what they make JPEG, some MJPG. */
const JPEG_FOURCCS: readonly string[] = ['JPEG', 'MJPG'];
/** V4L2_CID_JPEG_COMPRESSION_QUALITY, by the name that `listControls` makes of its label. */
const QUALITY_CONTROL = 'compression_quality';

/**
 * Open a V4L2 device that makes JPEGs of pictures like this (a Raspberry Pi up to 4, a Jetson); or tell why there is
 * none. Devices on USB are cameras and left alone. Never throws: there is always software.
 */
export async function openM2mEncoder(
  picture: RawPicture,
  quality: number,
  desks: number,
): Promise<JpegEncoder | string> {
  if (picture.colours.treatment !== 'none' && picture.colours.treatment !== 'stretch') {
    return `no hardware converts ${picture.colours.matrix}`;
  }
  let reason = 'the board has no JPEG encoder';
  for (const { path, usb } of await listDeviceNodes()) {
    if (usb !== undefined) continue;
    const tried = await tryNode(path, picture, quality, desks).catch(
      (thrown) => `${path}: ${asCamboxError(thrown, 'use', path).message}`,
    );
    if (typeof tried === 'object') return tried;
    reason = tried ?? reason;
  }
  return reason;
}

/** The encoder; why it cannot be used; or undefined when the node is none. */
async function tryNode(
  path: string,
  picture: RawPicture,
  quality: number,
  desks: number,
): Promise<JpegEncoder | string | undefined> {
  await using opening = new ResourceStack();
  const device = opening.use(await V4l2Device.open(path));
  const jpeg = await jpegMadeBy(device);
  if (jpeg === undefined) return undefined;
  const name = `${device.capabilities.card} (${path})`;
  const { fourcc, width, height } = picture;
  const taken = (await listFormats(device, outputType(device.capabilities))).map((format) => format.fourcc);
  if (!taken.includes(fourcc)) return `${name} takes no ${fourcc}`;
  await setQuality(device, quality);
  const source = { fourcc, width, height };
  const session = opening.use(await M2mSession.open(device, { source, result: { fourcc: jpeg }, buffers: desks }));
  const geometry = sourceGeometry(picture, session.sourceFormat);
  if (geometry === undefined || session.sourceFormat.planes.length > 1) return `${name} lays ${fourcc} out strangely`;
  const closers = opening.move();
  return new M2mEncoder(name, session, geometry, picture, desks, () => closers[Symbol.asyncDispose]());
}

/** Its name for JPEG; undefined when it makes none of what is put in. */
async function jpegMadeBy(device: V4l2Device): Promise<string | undefined> {
  const { roles, streaming } = device.capabilities;
  const isMachine = roles.includes('video_m2m') || roles.includes('video_m2m_mplane');
  if (!isMachine || !streaming) return undefined;
  const made = (await listFormats(device, captureType(device.capabilities))).map(({ fourcc }) => fourcc);
  return JPEG_FOURCCS.find((fourcc) => made.includes(fourcc));
}

/** A device without that control has a quality of its own. */
async function setQuality(device: V4l2Device, quality: number): Promise<void> {
  const control = (await listControls(device)).find(({ name }) => name === QUALITY_CONTROL);
  if (control?.kind === 'integer') await setControl(device, control, quality);
}

import { CamboxError } from '../base/errors.ts';
import { captureType, outputType } from './buffer-type.ts';
import type { V4l2Device } from './device.ts';
import type { Format, WantedFormat } from './format.ts';
import { getFormat, setFormat } from './formats.ts';
import { setSelection } from './selection.ts';

export interface M2mFormats {
  /** The pictures that go in. */
  readonly source: WantedFormat;
  /** Those that come out, of the same size. */
  readonly result: Pick<WantedFormat, 'fourcc'>;
}

/**
 * Set both formats. An encoder's result comes first, as what it takes may depend on it; the source then decides the rest.
 * Throws `unsupported` when the device gives others.
 */
export async function negotiateM2m(
  device: V4l2Device,
  { source, result }: M2mFormats,
): Promise<readonly [source: Format, result: Format]> {
  const [output, capture] = [outputType(device.capabilities), captureType(device.capabilities)];
  await setFormat(device, { ...source, ...result }, capture);
  const sourceFormat = await setFormat(device, source, output);
  if (sourceFormat.width !== source.width || sourceFormat.height !== source.height) {
    // Whole blocks only: the rest is cropped, where the driver can.
    const { width, height } = source;
    await setSelection(device, output, 'crop', { left: 0, top: 0, width, height });
  }
  const resultFormat = await getFormat(device, capture);
  for (const [wanted, given] of [
    [source.fourcc, sourceFormat.fourcc],
    [result.fourcc, resultFormat.fourcc],
  ]) {
    if (wanted === given) continue;
    throw new CamboxError('unsupported', {
      verb: `make ${result.fourcc} of ${source.fourcc} with`,
      thing: `${device.path} (${device.capabilities.card})`,
      reason: `it has no ${wanted}`,
      received: given,
    });
  }
  return [sourceFormat, resultFormat];
}

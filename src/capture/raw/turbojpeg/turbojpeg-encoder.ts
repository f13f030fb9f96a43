import { type JpegShape, maxJpegBytes } from '../../../native/jpeg-compressor.ts';
import type { EncodeDesk, JpegEncoder } from '../jpeg-encoder.ts';
import { jpegSampling } from '../raw-layout.ts';
import type { RawPicture } from '../raw-picture.ts';
import { PicturePlanes } from './picture-planes.ts';
import { PixelDesk } from './pixel-desk.ts';
import { PlanarDesk } from './planar-desk.ts';

/** libjpeg-turbo on libuv's pool threads. Throws `missing_library` without libturbojpeg0 or libyuv0. */
export function openTurboJpeg(picture: RawPicture, quality: number, deskCount: number): JpegEncoder {
  const { width, height, layout } = picture;
  const shape: JpegShape = { width, height, sampling: jpegSampling(layout), quality };
  const desks: (EncodeDesk & Disposable)[] = [];
  const maxBytes = maxJpegBytes(shape);
  for (let i = 0; i < deskCount; i++) desks.push(openDesk(picture, shape));
  return {
    name: 'libjpeg-turbo',
    maxJpegBytes: maxBytes,
    desks,
    [Symbol.asyncDispose]: async () => {
      for (const desk of desks) desk[Symbol.dispose]();
    },
  };
}

function openDesk({ layout, geometry, colours, ...size }: RawPicture, shape: JpegShape): EncodeDesk & Disposable {
  if (layout.kind === 'pixels') return new PixelDesk(layout.order, geometry, shape);
  const planes = new PicturePlanes(layout, geometry, size.width, size.height);
  return new PlanarDesk(planes, shape, colours.treatment);
}

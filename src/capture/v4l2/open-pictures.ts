import type { Logger } from '../../base/logger.ts';
import type { FrameArena } from '../../frame/frame-arena.ts';
import type { ChosenFormat } from '../frame-source.ts';
import { EncoderChoice, type RawOptions } from '../raw/encoder-choice.ts';
import { openM2mEncoder } from '../raw/m2m/open-m2m-encoder.ts';
import { JpegPictures } from './jpeg-pictures.ts';
import type { Negotiated } from './negotiate.ts';
import type { LaterFrames, PictureKind } from './picture-kind.ts';
import { RawPictures } from './raw-pictures.ts';

export interface PictureDeps {
  readonly arena: FrameArena;
  readonly logger: Logger;
  /** Chooses the encoder of raw pictures; shared by those who open the same camera again and again. */
  readonly jpegEncoders?: EncoderChoice | undefined;
}

/** What makes frames of a camera's pictures, with the encoder that raw ones need. */
export interface OpenedPictures extends AsyncDisposable {
  /** For log and status. */
  readonly encoding: Pick<ChosenFormat, 'encoder' | 'encoder_why'>;
  openKind(later: LaterFrames): PictureKind;
}

/** Throws, of raw pictures, `missing_library`. */
export async function openPictures(
  { raw: picture, fps }: Negotiated,
  options: RawOptions,
  { arena, logger, jpegEncoders = new EncoderChoice(openM2mEncoder) }: PictureDeps,
): Promise<OpenedPictures> {
  if (picture === undefined) {
    return { encoding: {}, openKind: () => new JpegPictures(arena), [Symbol.asyncDispose]: async () => undefined };
  }
  const { encoder, why } = await jpegEncoders.open({ picture, fps, options });
  const { isExact, matrix, range } = picture.colours;
  if (!isExact) logger.warn('camera_colours_approximate', { matrix, range });
  const onBroken = (fault: string): void => jpegEncoders.blame(encoder, fault);
  return {
    encoding: { encoder: encoder.name, encoder_why: why },
    openKind: (later) => new RawPictures(picture.geometry.bytes, encoder, later, { arena, logger, onBroken }),
    [Symbol.asyncDispose]: () => encoder[Symbol.asyncDispose](),
  };
}

import type { EncoderName, EncoderWish } from '../../base/encoder-names.ts';
import type { Frame } from '../../frame/frame.ts';
import type { ChosenEncoder, EncoderAdvice } from './encoder-advice.ts';
import type { EncodeJob, PictureSize, VideoQuality } from './encoder-profile.ts';
import { PictureSample } from './picture-sample.ts';

/** How a camera's clips are encoded, as the config says. */
export interface EncodingOptions {
  readonly encoder: EncoderWish;
  /** Pictures a second that the camera is set to. */
  readonly fps: number;
  readonly quality: VideoQuality;
}

/**
 * One camera's part in choosing encoders: knows the size of its pictures, and hands some of them in when a probe with
 * them would tell something new.
 */
export class CameraEncoders {
  readonly #options: EncodingOptions;
  readonly #advice: EncoderAdvice;
  #size: PictureSize | undefined;
  /** What a probe is to be for; undefined when there is nothing to find out. */
  #open: EncoderWish | undefined;
  #sample: PictureSample | undefined;

  constructor(options: EncodingOptions, advice: EncoderAdvice) {
    this.#options = options;
    this.#advice = advice;
  }

  /** Of the newest picture; undefined as long as there is none. */
  get size(): PictureSize | undefined {
    return this.#size;
  }

  /** Every frame of the camera. Cheap as long as there is nothing to find out. */
  onFrame(frame: Frame): void {
    if (this.#size?.width !== frame.width || this.#size.height !== frame.height) {
      this.#size = { width: frame.width, height: frame.height };
      this.#sample = undefined;
      this.#look(this.#options.encoder);
    }
    if (this.#open !== undefined && this.#advice.idle) this.#collect(frame, this.#open, this.#size);
  }

  /** What a clip that begins now is encoded with. Never waits for a probe. */
  choose(asked: EncoderWish | undefined, avoid: readonly EncoderName[] = []): ChosenEncoder {
    const wish = asked ?? this.#options.encoder;
    this.#look(wish);
    return this.#advice.choose(wish, this.#job(), avoid);
  }

  failed(encoder: EncoderName, reason: string): void {
    if (this.#size !== undefined) this.#advice.failed(encoder, this.#size, reason);
    this.#look(this.#options.encoder);
  }

  /** Plain JSON for the health report: what a clip would be encoded with now. */
  report(): Readonly<Record<string, unknown>> {
    const asked = this.#options.encoder;
    const { encoder, reason } = this.#advice.choose(asked, this.#job(), []);
    return { asked, encoder, ...(reason !== undefined && { reason }) };
  }

  #job(): EncodeJob {
    const { fps, quality } = this.#options;
    return { size: this.#size, fps, quality, device: undefined };
  }

  /** Remember to probe when that may find something better for this wish. */
  #look(wish: EncoderWish): void {
    if (this.#size !== undefined && this.#advice.undecided(wish, this.#job())) this.#open = wish;
  }

  #collect(frame: Frame, wish: EncoderWish, size: PictureSize): void {
    this.#sample ??= new PictureSample(size);
    const pictures = this.#sample.add(frame);
    if (pictures === undefined) return;
    this.#sample = undefined;
    this.#open = undefined;
    if (this.#advice.undecided(wish, this.#job())) this.#advice.consider(wish, this.#job(), pictures);
  }
}

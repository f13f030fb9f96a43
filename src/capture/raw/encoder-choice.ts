import { ResourceStack } from '../../base/resource-stack.ts';
import type { RangeSetting } from './colour-treatment.ts';
import { DESKS_NEEDED } from './encode-queue.ts';
import type { JpegEncoder } from './jpeg-encoder.ts';
import type { RawPicture } from './raw-picture.ts';
import { trialEncode } from './trial-encode.ts';
import { openTurboJpeg } from './turbojpeg/turbojpeg-encoder.ts';

export interface RawOptions {
  /** 1 to 100. */
  readonly quality: number;
  /** How the numbers of raw pictures are to be read; `auto`: as the driver says. */
  readonly range: RangeSetting;
  /** `auto`: hardware where there is some that works, else software. */
  readonly encoder: 'auto' | 'software';
}

export const DEFAULT_RAW: RawOptions = { quality: 85, range: 'auto', encoder: 'auto' };

/** Opens a hardware encoder with so many desks for pictures like this; or says, as a text, why there is none. */
export type OpenHardware = (picture: RawPicture, quality: number, desks: number) => Promise<JpegEncoder | string>;

/** An encoder, owned by whoever asked for it, and why it was chosen. */
export interface ChosenEncoder {
  readonly encoder: JpegEncoder;
  readonly why: string;
}

export interface EncoderDemand {
  readonly picture: RawPicture;
  /** Pictures a second; undefined when unknown. */
  readonly fps: number | undefined;
  readonly options: RawOptions;
}

/**
 * Chooses what encodes a camera's raw pictures: hardware, if there is some and it passes a test; else libjpeg-turbo. Over
 * the reopenings of the camera it remembers hardware that failed in use, which is not tried again.
 */
export class EncoderChoice {
  readonly #openHardware: OpenHardware;
  #blamed: string | undefined;

  constructor(openHardware: OpenHardware) {
    this.#openHardware = openHardware;
  }

  /** Throws `missing_library`: hardware, too, is tested against libjpeg-turbo. */
  async open(demand: EncoderDemand): Promise<ChosenEncoder> {
    const hardware = await this.#tryHardware(demand);
    if (typeof hardware !== 'string') return hardware;
    return { encoder: openTurboJpeg(demand.picture, demand.options.quality, DESKS_NEEDED), why: hardware };
  }

  /** The encoder that was chosen last failed in use. */
  blame({ name }: JpegEncoder, fault: string): void {
    this.#blamed ??= `${name} failed in use: ${fault}`;
  }

  /** The hardware that passed its test, or why there is none. */
  async #tryHardware({ picture, fps, options }: EncoderDemand): Promise<ChosenEncoder | string> {
    if (options.encoder === 'software') return 'the config wants software';
    if (this.#blamed !== undefined) return this.#blamed;
    await using trying = new ResourceStack();
    const encoder = await this.#openHardware(picture, options.quality, DESKS_NEEDED);
    if (typeof encoder === 'string') return encoder;
    trying.use(encoder);
    await using reference = openTurboJpeg(picture, options.quality, 1);
    const trial = await trialEncode(encoder, reference, picture);
    if ('reason' in trial) return `${encoder.name} failed its test: ${trial.reason}`;
    const took = `${trial.msPerPicture.toFixed(1)} ms a picture`;
    if (fps !== undefined && trial.msPerPicture > 1000 / fps) return `${encoder.name} is too slow: ${took}`;
    trying.move();
    return { encoder, why: `it passed its test with ${took}` };
  }
}

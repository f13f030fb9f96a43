import { asCamboxError } from '../../../base/errors.ts';
import type { Format } from '../../../v4l2/format.ts';
import type { EncodeDesk, EncodeOutcome, JpegEncoder } from '../jpeg-encoder.ts';
import { type RawGeometry, rawGeometry } from '../raw-geometry.ts';
import type { RawPicture } from '../raw-picture.ts';
import { HeldPicture } from './held-picture.ts';

/** What is made of a picture, in the device's memory until it is disposed of. */
export interface M2mPicture extends Disposable {
  readonly bytes: Uint8Array;
  readonly damaged: boolean;
  /** As it was put in. */
  readonly timestampUs: number;
}

/** The part of an M2mSession (src/v4l2/m2m-session.ts) that an encoder needs. */
export interface PictureMachine {
  /** What goes in: the device may want lines and planes laid out its own way. */
  readonly sourceFormat: Pick<Format, 'width' | 'height' | 'bytesPerLine'>;
  readonly resultFormat: Pick<Format, 'imageBytes'>;
  put(fill: (planes: readonly Uint8Array[]) => undefined, timestampUs: number): 'put' | 'full';
  take(signal: AbortSignal): Promise<M2mPicture | undefined>;
}

/** Hardware does a picture in some milliseconds; after this it never will. */
const PATIENCE_MS = 2000;

/**
 * A V4L2 mem-to-mem device that makes JPEGs, in the order in which pictures are put in. Each picture carries its number as
 * its time, by which a result that comes too late is told from the one that is waited for.
 */
export class M2mEncoder implements JpegEncoder {
  readonly name: string;
  readonly maxJpegBytes: number;
  readonly desks: readonly EncodeDesk[];
  readonly #machine: PictureMachine;
  readonly #geometry: RawGeometry;
  readonly #close: () => Promise<void>;
  #number = 0;
  /** Settles when the picture put in before has come out. */
  #before: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** `close` gives the device back. */
  constructor(
    name: string,
    machine: PictureMachine,
    geometry: RawGeometry,
    picture: RawPicture,
    deskCount: number,
    close: () => Promise<void>,
  ) {
    this.name = name;
    this.maxJpegBytes = machine.resultFormat.imageBytes;
    this.#machine = machine;
    this.#geometry = geometry;
    this.#close = close;
    this.desks = Array.from({ length: deskCount }, () => this.#desk(new HeldPicture(picture)));
  }

  #desk(held: HeldPicture): EncodeDesk {
    return {
      load: (raw) => held.fill(raw),
      encode: async (out) => {
        try {
          await held.stretch();
          return await this.#encode(held, out);
        } catch (thrown) {
          return { fault: asCamboxError(thrown, 'encode with', this.name).message };
        }
      },
    };
  }

  async #encode(held: HeldPicture, out: Uint8Array): Promise<EncodeOutcome> {
    this.#number += 1;
    const number = this.#number;
    const outcome = this.#machine.put(([memory]) => {
      held.copyTo(memory!, this.#geometry);
      return undefined; // all of it is filled
    }, number);
    if (outcome === 'full') return { fault: 'it keeps all pictures that it was given' };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const jpeg = this.#before.then(() => this.#take(number, out, signal));
    this.#before = jpeg.catch(() => undefined); // told to whom it concerns
    return jpeg;
  }

  async #take(number: number, out: Uint8Array, signal: AbortSignal): Promise<EncodeOutcome> {
    try {
      for (;;) {
        using result = await this.#machine.take(signal);
        if (result === undefined) return { fault: 'it has ended' };
        if (result.timestampUs !== number) continue; // one that was given up
        const { bytes, damaged } = result;
        if (damaged || bytes.length === 0) return { fault: 'it marks the picture as damaged' };
        if (bytes.length > out.length) return { fault: `its JPEG has ${bytes.length} bytes, more than it told` };
        out.set(bytes);
        return bytes.length;
      }
    } catch (thrown) {
      if (signal.aborted) return { fault: `it made nothing for ${PATIENCE_MS} ms` };
      throw thrown;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }
}

/** How the device wants a picture; undefined when it has too little room in a line. */
export function sourceGeometry(
  { layout }: RawPicture,
  { width, height, bytesPerLine }: PictureMachine['sourceFormat'],
): RawGeometry | undefined {
  const geometry = rawGeometry(layout, { width, height, bytesPerLine });
  return geometry === 'line_too_short' ? undefined : geometry;
}

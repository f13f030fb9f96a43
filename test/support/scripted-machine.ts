import { setTimeout as sleep } from 'node:timers/promises';
import {
  M2mEncoder,
  type M2mPicture,
  type PictureMachine,
  sourceGeometry,
} from '../../src/capture/raw/m2m/m2m-encoder.ts';
import type { RawPicture } from '../../src/capture/raw/raw-picture.ts';
import { openTurboJpeg } from '../../src/capture/raw/turbojpeg/turbojpeg-encoder.ts';
import { AS_IS } from './encode-once.ts';

/** How a machine is out of order. */
export interface Fault {
  /** It swallows pictures. */
  readonly silent?: boolean;
  readonly damaged?: boolean;
  /** It exchanges the bytes of each pair: luma and chroma of YUYV. */
  readonly swapped?: boolean;
  /** Its JPEGs have sides of whole MCUs, whatever was asked for. */
  readonly wholeMcus?: boolean;
  readonly slowMs?: number;
  readonly noJpeg?: boolean;
}

const LINE_ALIGN = 256;
const HEIGHT_ALIGN = 16;

/**
 * A JPEG machine as boards have them, which no kernel driver here is: pictures go in with lines and heights of its own
 * liking, JPEGs come out in order. Inside is libjpeg-turbo, which takes all numbers to be of full range.
 */
export class ScriptedMachine implements PictureMachine {
  readonly sourceFormat: PictureMachine['sourceFormat'];
  readonly resultFormat = { imageBytes: 1_000_000 };
  fault: Fault = {};
  closed = 0;
  /** Results that nobody has given back. */
  lent = 0;
  readonly #picture: RawPicture;
  readonly #results: { readonly jpeg: Promise<Uint8Array>; readonly timestampUs: number }[] = [];
  #arrived = Promise.withResolvers<void>();

  constructor(picture: RawPicture) {
    this.#picture = picture;
    this.sourceFormat = {
      width: picture.width,
      height: Math.ceil(picture.height / HEIGHT_ALIGN) * HEIGHT_ALIGN,
      bytesPerLine: Math.ceil(picture.geometry.planes[0]!.lineBytes / LINE_ALIGN) * LINE_ALIGN,
    };
  }

  get #geometry() {
    const geometry = sourceGeometry(this.#picture, this.sourceFormat);
    if (geometry === undefined) throw new Error('the machine has too short lines');
    return geometry;
  }

  /** The machine behind the port that cambox uses. */
  encoder(desks: number, name = 'scripted machine'): M2mEncoder {
    return new M2mEncoder(name, this, this.#geometry, this.#picture, desks, async () => {
      this.closed += 1;
    });
  }

  put(fill: (planes: readonly Uint8Array[]) => undefined, timestampUs: number): 'put' {
    const memory = new Uint8Array(this.#geometry.bytes).fill(0xe5);
    fill([memory]);
    if (this.fault.silent) return 'put';
    this.#results.push({ jpeg: this.#encode(memory), timestampUs });
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
    return 'put';
  }

  async take(signal: AbortSignal): Promise<M2mPicture> {
    const aborted = Promise.withResolvers<never>();
    aborted.promise.catch(() => undefined); // also when nobody waits for it any more
    signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
    while (this.#results.length === 0) await Promise.race([this.#arrived.promise, aborted.promise]);
    const { jpeg, timestampUs } = this.#results.shift()!;
    const bytes = await jpeg;
    this.lent += 1;
    const giveBack = (): void => {
      this.lent -= 1;
      bytes.fill(0); // the next picture comes there
    };
    return { bytes, damaged: this.fault.damaged ?? false, timestampUs, [Symbol.dispose]: giveBack };
  }

  async #encode(memory: Uint8Array): Promise<Uint8Array> {
    if (this.fault.noJpeg) return new Uint8Array(100);
    if (this.fault.slowMs) await sleep(this.fault.slowMs);
    if (this.fault.swapped) Buffer.from(memory.buffer).swap16();
    const { height } = this.fault.wholeMcus ? this.sourceFormat : this.#picture;
    const picture = { ...this.#picture, geometry: this.#geometry, height, colours: AS_IS };
    await using software = openTurboJpeg(picture, 90, 1);
    const out = new Uint8Array(software.maxJpegBytes);
    software.desks[0]!.load(memory);
    const length = await software.desks[0]!.encode(out);
    if (typeof length !== 'number') throw new Error(length.fault);
    return out.slice(0, length);
  }
}

import type { EncodeDesk, EncodeOutcome, JpegEncoder } from '../../src/capture/raw/jpeg-encoder.ts';
import { syntheticJpeg } from './jpegs.ts';

interface Encoding {
  readonly out: Uint8Array;
  readonly raw: Uint8Array;
  readonly settle: (outcome: EncodeOutcome) => void;
}

/** Pictures of these sizes come in, synthetic JPEGs come out: which one, the bytes of the raw picture decide. */
export interface ScriptedSize {
  readonly width: number;
  readonly height: number;
}

const KINDS = 8;

/**
 * An encoder that a test holds by the hand. By itself it encodes at once; while it is `paused`, the test ends each
 * encoding, in any order.
 */
export class ScriptedEncoder implements JpegEncoder {
  readonly name = 'scripted';
  readonly maxJpegBytes: number;
  readonly desks: readonly EncodeDesk[];
  /** Being encoded, in the order in which they were begun. */
  readonly underWay: Encoding[] = [];
  paused = false;
  mostUnderWay = 0;
  disposed = 0;
  readonly #jpegs: readonly Uint8Array[];

  constructor(desks: number, { width, height }: ScriptedSize = { width: 64, height: 48 }) {
    this.#jpegs = Array.from({ length: KINDS }, (_, number) => syntheticJpeg(width, height, number));
    this.maxJpegBytes = 2 * Math.max(...this.#jpegs.map(({ length }) => length));
    this.desks = Array.from({ length: desks }, () => this.#desk());
  }

  #desk(): EncodeDesk {
    let raw = new Uint8Array(0);
    return {
      load: (bytes) => {
        raw = Uint8Array.from(bytes);
      },
      encode: (out) =>
        new Promise((resolve) => {
          const encoding: Encoding = {
            out,
            raw,
            settle: (outcome) => {
              this.underWay.splice(this.underWay.indexOf(encoding), 1);
              resolve(outcome);
            },
          };
          this.underWay.push(encoding);
          this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay.length);
          if (!this.paused) setImmediate(() => this.finish(encoding));
        }),
    };
  }

  /** End an encoding well. */
  finish(encoding: Encoding): void {
    const jpeg = this.#jpegs[encoding.raw.reduce((hash, byte) => (hash * 31 + byte) % 65521, 0) % KINDS]!;
    encoding.out.set(jpeg);
    encoding.settle(jpeg.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed += 1;
  }
}

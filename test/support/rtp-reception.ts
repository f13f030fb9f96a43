import { type MonoUs, monoUs, rtpTicks } from '../../src/base/units.ts';
import { type DepayloaderOptions, JpegDepayloader } from '../../src/rtp/jpeg-depayloader.ts';
import type { ReceivedPicture } from '../../src/rtp/jpeg-frame-assembler.ts';
import { writeJpegMainHeader } from '../../src/rtp/jpeg-main-header.ts';
import { writeRtpHeader } from '../../src/rtp/rtp-header.ts';

/** Everything of a packet that tests vary; the rest is as in a plain packet that is a whole frame. */
export interface PacketParts {
  readonly sequence?: number;
  readonly timestamp?: number;
  readonly marker?: boolean;
  readonly ssrc?: number;
  readonly payloadType?: number;
  readonly typeSpecific?: number;
  readonly offset?: number;
  readonly type?: number;
  readonly q?: number;
  readonly width8?: number;
  readonly height8?: number;
  /** Restart header; the four bytes. */
  readonly restart?: readonly number[];
  /** Quantisation header and tables. */
  readonly quant?: readonly number[];
  /** Profile (16 bits) and payload of an RTP header extension. */
  readonly extension?: { readonly profile: number; readonly bytes: readonly number[] };
  readonly scan?: ArrayLike<number>;
}

/** 16 coefficients of each value: tables that are easy to tell apart. */
export const quantHeader = (...tables: readonly number[]): number[] => {
  const bytes = tables.flatMap((value) => new Array<number>(64).fill(value));
  return [0, 0, bytes.length >> 8, bytes.length & 0xff, ...bytes];
};

/** An RTP/JPEG packet byte by byte, with whatever is wrong in it. */
export function packetOf(parts: PacketParts = {}): Uint8Array {
  const { sequence = 1000, timestamp = 90_000, marker = true, ssrc = 7, payloadType = 26 } = parts;
  const { typeSpecific = 0, offset = 0, type = 1, q = 50, width8 = 2, height8 = 2 } = parts;
  const headers = new DataView(new ArrayBuffer(20));
  writeRtpHeader(headers, 0, payloadType, marker, sequence, rtpTicks(timestamp), ssrc);
  writeJpegMainHeader(headers, 12, offset, type, q, width8, height8);
  headers.setUint8(12, typeSpecific);
  const bytes = new Uint8Array(headers.buffer);
  if (parts.extension !== undefined) bytes[0]! |= 0x10;
  const { extension: ext, restart = [], quant = [], scan = [1, 2, 3] } = parts;
  return Buffer.concat([
    bytes.subarray(0, 12),
    Uint8Array.from(ext === undefined ? [] : extension(ext)),
    bytes.subarray(12),
    Uint8Array.from([...restart, ...quant]),
    Uint8Array.from(scan),
  ]);
}

function extension({ profile, bytes }: { profile: number; bytes: readonly number[] }): number[] {
  const words = Math.ceil(bytes.length / 4);
  // Padded in front, as fill bytes before a marker.
  const padding = new Array<number>(words * 4 - bytes.length).fill(0xff);
  return [profile >> 8, profile & 0xff, words >> 8, words & 0xff, ...padding, ...bytes];
}

/** A depayloader whose pictures are kept, with a clock that only tests move. */
export class Reception {
  readonly pictures: ReceivedPicture[] = [];
  readonly depayloader: JpegDepayloader;
  now: MonoUs = monoUs(5_000_000);
  /** A Buffer, as its `slice` is a view: what is to stay must be copied otherwise. */
  readonly #memory = Buffer.alloc(65_536);

  constructor(options: Partial<DepayloaderOptions> = {}) {
    this.depayloader = new JpegDepayloader({
      payloadType: 26,
      onPicture: (picture) => this.pictures.push({ ...picture, bytes: picture.bytes.slice() }),
      ...options,
    });
  }

  /** Packets arrive, all at the same time, each in the memory of the one before. */
  take(...packets: readonly Uint8Array[]): this {
    for (const packet of packets) {
      this.#memory.fill(0xee).set(packet);
      this.depayloader.push(this.#memory.subarray(0, packet.length), this.now);
    }
    return this;
  }

  pass(ms: number): this {
    this.now = monoUs(this.now + ms * 1000);
    return this;
  }

  end(): this {
    this.depayloader.flush();
    return this;
  }

  get counts() {
    return this.depayloader.counts;
  }

  get timestamps(): number[] {
    return this.pictures.map(({ timestamp }) => timestamp);
  }

  /** The scans of the pictures, without EOI. */
  get scans(): number[][] {
    return this.pictures.map(({ bytes, layout }) => [...bytes.subarray(layout.scanStart, layout.scanEnd)]);
  }
}

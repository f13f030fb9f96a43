import { addressOf } from '../../../native/koffi.ts';
import { type YuvCalls, yuvCalls } from '../../../native/libyuv.ts';
import { type RawGeometry, rawGeometry } from '../raw-geometry.ts';
import type { RawPicture } from '../raw-picture.ts';
import { stretchLines, stretchTables } from '../stretch-range.ts';

/** Lines of chroma planes are half as long and have to be a multiple of four, too (see `stretchLines`). */
const ALIGN = 128;

/** A raw picture in memory of ours, until the device has room for it. */
export class HeldPicture {
  readonly #yuv: YuvCalls = yuvCalls();
  readonly #picture: RawPicture;
  readonly #geometry: RawGeometry;
  readonly #memory: Uint8Array;
  readonly #tables: readonly Uint8Array[];

  constructor(picture: RawPicture) {
    const { layout, width, height } = picture;
    const [first] = picture.geometry.planes;
    const bytesPerLine = Math.ceil(first!.lineBytes / ALIGN) * ALIGN;
    const geometry = rawGeometry(layout, { width, height, bytesPerLine });
    if (geometry === 'line_too_short') throw new Error('a wider line cannot be too short');
    this.#picture = picture;
    this.#geometry = geometry;
    this.#memory = Buffer.allocUnsafeSlow(geometry.planes.reduce((sum, { stride, lines }) => sum + stride * lines, 0));
    this.#tables = picture.colours.treatment === 'stretch' ? stretchTables(layout) : [];
  }

  /** Copy a picture as the camera gives it. */
  fill(raw: Uint8Array): void {
    if (raw.length < this.#picture.geometry.bytes) throw new Error(`${raw.length} bytes are no whole raw picture`);
    this.#copy(addressOf(raw), this.#picture.geometry, addressOf(this.#memory), this.#geometry);
  }

  /** To full range, if it is not that already. Once after each `fill`. */
  async stretch(): Promise<void> {
    const start = addressOf(this.#memory);
    for (const [i, table] of this.#tables.entries()) {
      const { offset, stride, lines } = this.#geometry.planes[i]!;
      await stretchLines({ address: start + BigInt(offset), stride, lines }, table);
    }
  }

  /** Copy it to where and as the device wants it. */
  copyTo(memory: Uint8Array, geometry: RawGeometry): void {
    if (memory.length < geometry.bytes) throw new Error(`the device has ${memory.length} bytes for ${geometry.bytes}`);
    this.#copy(addressOf(this.#memory), this.#geometry, addressOf(memory), geometry);
  }

  #copy(from: bigint, fromGeometry: RawGeometry, to: bigint, toGeometry: RawGeometry): void {
    for (const [i, plane] of this.#geometry.planes.entries()) {
      const [source, target] = [fromGeometry.planes[i]!, toGeometry.planes[i]!];
      const [fromAt, toAt] = [from + BigInt(source.offset), to + BigInt(target.offset)];
      this.#yuv.copyPlane(fromAt, source.stride, toAt, target.stride, plane.lineBytes, plane.lines);
    }
  }
}

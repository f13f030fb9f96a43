import type { Slot } from '../../frame/frame-arena.ts';
import { baselineHeaders } from '../../jpeg/baseline-headers.ts';
import { type EntropyPosition, EntropyWriter } from '../../jpeg/entropy-writer.ts';
import { standardQuantTable } from '../../jpeg/quant-tables.ts';
import type { Pictures } from '../pictures.ts';
import { CHROMA_CODES, type CodedAc, codeAc, LUMA_CODES, putBlock } from './block-encoder.ts';
import { BLACK, type CodePlace, cellAt, codeBits, WHITE } from './frame-number-code.ts';
import { GRAINS, PHASES, type Tile, tileAt } from './test-scene.ts';

const QUALITY = 90;
const MCU = 16;
const BLOCK = 8;
const EOI = Uint8Array.of(0xff, 0xd9);
const PLAIN: Tile = { y: 128, cb: 128, cr: 128, grain: -1 };

/** The coded rows above the frame number, kept per phase: only what stands below them changes from frame to frame. */
interface CodedTop {
  readonly bytes: Uint8Array;
  readonly position: EntropyPosition;
  readonly dc: readonly [number, number, number];
}

/**
 * Baseline 4:2:0 pictures made in the coefficient domain, without a DCT: a frame costs one copy and a few hundred flat
 * blocks. Each carries its number (frame-number-code.ts).
 */
export class SyntheticPictures implements Pictures {
  readonly width: number;
  readonly height: number;
  readonly count = Number.POSITIVE_INFINITY;
  readonly #place: CodePlace;
  readonly #columns: number;
  readonly #rows: number;
  readonly #header: Uint8Array;
  readonly #lumaDcStep: number;
  readonly #chromaDcStep: number;
  readonly #grains: readonly CodedAc[];
  readonly #flatLuma = codeAc(LUMA_CODES, []);
  readonly #flatChroma = codeAc(CHROMA_CODES, []);
  readonly #tops: (CodedTop | undefined)[] = new Array<CodedTop | undefined>(PHASES).fill(undefined);
  readonly #bottom = new EntropyWriter();
  /** Quantised DC of the last block of Y, Cb, Cr: the prediction of the next one. */
  #dc: [number, number, number] = [0, 0, 0];

  constructor(width: number, height: number, place: CodePlace) {
    this.width = width;
    this.height = height;
    this.#place = place;
    this.#columns = Math.ceil(width / MCU);
    this.#rows = Math.ceil(height / MCU);
    const luma = standardQuantTable('luminance', QUALITY);
    const chroma = standardQuantTable('chrominance', QUALITY);
    this.#lumaDcStep = luma[0]!;
    this.#chromaDcStep = chroma[0]!;
    this.#header = baselineHeaders({ width, height, sampling: '4:2:0', luma, chroma });
    this.#grains = Array.from({ length: GRAINS }, (_, grain) => codeAc(LUMA_CODES, grainTerms(grain)));
  }

  copy(index: number, take: (length: number) => Slot | undefined): Slot | undefined {
    const top = this.#top(index % PHASES);
    const parts = [this.#header, top.bytes, this.#codeBottom(top, index), EOI];
    const slot = take(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      slot?.bytes.set(part, at);
      at += part.length;
    }
    return slot;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tops.fill(undefined);
  }

  #top(phase: number): CodedTop {
    const known = this.#tops[phase];
    if (known !== undefined) return known;
    const out = new EntropyWriter(1 << 16);
    this.#dc = [0, 0, 0];
    for (let row = 0; row < this.#place.top / MCU; row++) {
      for (let column = 0; column < this.#columns; column++) {
        this.#putTile(out, tileAt(column, row, this.#columns, this.#rows, phase));
      }
    }
    const top = { bytes: out.bytes().slice(), position: out.position(), dc: this.#dc };
    this.#tops[phase] = top;
    return top;
  }

  #codeBottom(top: CodedTop, number: number): Uint8Array {
    const bits = codeBits(number);
    this.#bottom.continueFrom(top.position);
    this.#dc = [...top.dc];
    for (let row = this.#place.top / MCU; row < this.#rows; row++) {
      for (let column = 0; column < this.#columns; column++) this.#putCodeMcu(column, row, bits);
    }
    return this.#bottom.finish();
  }

  #putTile(out: EntropyWriter, tile: Tile): void {
    const grain = this.#grains[tile.grain] ?? this.#flatLuma;
    for (let block = 0; block < 4; block++) this.#putLuma(out, tile.y, grain);
    this.#putChroma(out, tile);
  }

  #putCodeMcu(column: number, row: number, bits: Uint8Array): void {
    for (let block = 0; block < 4; block++) {
      const x = column * MCU + (block & 1) * BLOCK;
      const y = row * MCU + (block >> 1) * BLOCK;
      const bit = bits[cellAt(this.#place, x, y)];
      this.#putLuma(this.#bottom, bit === undefined ? PLAIN.y : bit === 1 ? WHITE : BLACK, this.#flatLuma);
    }
    this.#putChroma(this.#bottom, PLAIN);
  }

  #putLuma(out: EntropyWriter, level: number, ac: CodedAc): void {
    const dc = quantisedDc(level, this.#lumaDcStep);
    putBlock(out, LUMA_CODES, dc - this.#dc[0], ac);
    this.#dc[0] = dc;
  }

  #putChroma(out: EntropyWriter, tile: Tile): void {
    const cb = quantisedDc(tile.cb, this.#chromaDcStep);
    const cr = quantisedDc(tile.cr, this.#chromaDcStep);
    putBlock(out, CHROMA_CODES, cb - this.#dc[1], this.#flatChroma);
    putBlock(out, CHROMA_CODES, cr - this.#dc[2], this.#flatChroma);
    this.#dc[1] = cb;
    this.#dc[2] = cr;
  }
}

/** A flat block's only coefficient is eight times its level, less the level shift of 128 (T.81 §A.3.1, §A.3.3). */
const quantisedDc = (level: number, step: number): number => Math.round(((level - 128) * BLOCK) / step);

/** A few mid-frequency coefficients, another mix for each grain: about as many bits a block as a camera's picture. */
function grainTerms(grain: number): { run: number; value: number }[] {
  return [0, 1, 2, 3, 4, 5].map((i) => ({
    run: (grain + i) & 3,
    value: (((grain * 3 + i * 5) % 5) + 1) * (i & 1 ? -1 : 1),
  }));
}

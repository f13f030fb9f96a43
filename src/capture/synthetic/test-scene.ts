/**
 * What a synthetic picture shows: coloured stripes that run diagonally, with a grain on them, and a grey ball that
 * goes round. Everything is decided per MCU (16 x 16 pixels) and repeats after PHASES frames.
 */

export const PHASES = 16;

export interface Tile {
  /** 0-255, as in JPEG's YCbCr. */
  readonly y: number;
  readonly cb: number;
  readonly cr: number;
  /** Which grain; -1 for none. */
  readonly grain: number;
}

/** The eight colours of a 75 % colour bar in YCbCr, full range. */
const STRIPES: readonly (readonly [number, number, number])[] = [
  [191, 128, 128],
  [169, 32, 143],
  [134, 160, 32],
  [112, 64, 48],
  [79, 192, 208],
  [57, 96, 224],
  [22, 224, 112],
  [40, 128, 128],
];
const BALL: Tile = { y: 150, cb: 128, cr: 128, grain: -1 };

export const GRAINS = 8;

/** The tile of MCU (column, row) in a picture of columns x rows at a phase of 0 to PHASES - 1. */
export function tileAt(column: number, row: number, columns: number, rows: number, phase: number): Tile {
  if (inBall(column, row, columns, rows, phase)) return BALL;
  const along = (column + row + phase) % PHASES;
  const [y, cb, cr] = STRIPES[along >> 1]!;
  const grain = (((column + phase) * 7 + row * 5) ^ (row >> 1)) & (GRAINS - 1);
  return { y, cb, cr, grain };
}

function inBall(column: number, row: number, columns: number, rows: number, phase: number): boolean {
  const turn = (phase / PHASES) * 2 * Math.PI;
  const x = columns * (0.5 + 0.3 * Math.cos(turn));
  const y = rows * (0.5 + 0.3 * Math.sin(turn));
  const radius = Math.max(1, Math.min(columns, rows) / 6);
  return (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 < radius ** 2;
}

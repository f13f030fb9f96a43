/** From limited to full range (ITU-R BT.601: luma 16 to 235, chroma 16 to 240 around 128). What lies outside is cut. */
const LUMA = { black: 16, steps: 219 };
const CHROMA = { centre: 128, steps: 224 };

/** What each byte becomes, for `mapBytes` of native/libyuv.ts: every entry four times. */
function table(map: (byte: number) => number): Uint8Array {
  const clamped = (byte: number): number => Math.max(0, Math.min(255, Math.round(map(byte))));
  return Uint8Array.from({ length: 4 * 256 }, (_, i) => clamped(i >> 2));
}

export const stretchLuma = (): Uint8Array => table((byte) => ((byte - LUMA.black) * 255) / LUMA.steps);

export const stretchChroma = (): Uint8Array =>
  table((byte) => ((byte - CHROMA.centre) * 255) / CHROMA.steps + CHROMA.centre);

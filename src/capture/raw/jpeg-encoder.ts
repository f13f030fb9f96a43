/**
 * The port to what makes JPEGs of raw pictures: libjpeg-turbo (turbojpeg/) or a piece of hardware (m2m/). Its JPEGs are
 * baseline, 4:2:0 or 4:2:2, with the standard Huffman tables, so that RFC 2435 can carry them as they are.
 */
export interface JpegEncoder extends AsyncDisposable {
  /** For logs and health: "libjpeg-turbo", "bcm2835-codec (/dev/video31)". */
  readonly name: string;
  /** What `encode` must be given room for. */
  readonly maxJpegBytes: number;
  /** Each holds one raw picture at a time; they work side by side. */
  readonly desks: readonly EncodeDesk[];
}

export interface EncodeDesk {
  /**
   * Take in a raw picture in place of the one here; not while one is being encoded. `raw` has a whole picture's bytes and
   * is read during the call only.
   */
  load(raw: Uint8Array): void;
  /**
   * Encode the picture here into `out`, which stays alive and untouched by others until the promise has settled.
   * Never rejects.
   */
  encode(out: Uint8Array): Promise<EncodeOutcome>;
}

/** Length of the JPEG, or why there is none. */
export type EncodeOutcome = number | { readonly fault: string };

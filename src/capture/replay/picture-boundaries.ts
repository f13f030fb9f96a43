/**
 * Finds where pictures begin and end in a stream of concatenated JPEGs, fed in chunks. Markers are walked by their
 * lengths up to the scan, so a thumbnail inside APP1 is not taken for a picture; only the scan is searched, for its EOI.
 * Bytes between pictures (padding, multipart text) are passed over. Never throws; keeps no bytes but a few flags.
 */
export interface PictureSpan {
  readonly offset: number;
  readonly length: number;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;

type Place =
  /** Outside a picture: looking for FF D8. */
  | 'between'
  /** Where a marker must stand. */
  | 'marker'
  /** Inside a segment's body. */
  | 'segment'
  | 'scan';

export class PictureBoundaries {
  #place: Place = 'between';
  #picture = 0;
  /** Bytes of the current segment still to be passed over. */
  #skip = 0;
  #sosAhead = false;
  /** Bytes gathered that may form a marker and its length. */
  #held: number[] = [];
  #at = 0;

  /** Take in the next bytes; returns the pictures that ended in them, broken ones included (up to where they broke). */
  push(chunk: Uint8Array): PictureSpan[] {
    const found: PictureSpan[] = [];
    let i = 0;
    while (i < chunk.length) {
      if (this.#place === 'segment') i = this.#skipSegment(chunk, i);
      else if (this.#place === 'scan') i = this.#searchScan(chunk, i, found);
      else if (this.#place === 'between') i = this.#searchStart(chunk, i);
      else this.#takeMarkerByte(chunk[i++]!, found, i);
    }
    this.#at += chunk.length;
    return found;
  }

  #searchStart(chunk: Uint8Array, from: number): number {
    const afterFf = this.#held.length === 1;
    this.#held = [];
    if (afterFf && chunk[from] === SOI) return this.#begin(from + 1);
    const ff = chunk.indexOf(0xff, from);
    if (ff === -1) return chunk.length;
    this.#held = [0xff];
    return ff + 1;
  }

  /** `next` is the index in this chunk behind the SOI. */
  #begin(next: number): number {
    this.#picture = this.#at + next - 2;
    this.#place = 'marker';
    this.#held = [];
    return next;
  }

  #takeMarkerByte(byte: number, found: PictureSpan[], next: number): void {
    const [ff, marker, high] = this.#held;
    if (ff === undefined) {
      if (byte === 0xff) this.#held.push(byte);
      else this.#end(found, next);
    } else if (marker === undefined) {
      if (byte === EOI) this.#end(found, next);
      else if (byte === SOI) this.#cutOff(found, next);
      else if (byte === 0) this.#end(found, next);
      else if (byte === 0x01 || (byte >= 0xd0 && byte < SOI)) this.#held = [];
      else if (byte !== 0xff) this.#held.push(byte);
    } else if (high === undefined) {
      this.#held.push(byte);
    } else {
      const length = (high << 8) | byte;
      this.#held = [];
      if (length < 2) this.#end(found, next);
      else this.#enterSegment(marker === SOS, length - 2);
    }
  }

  #enterSegment(isScanHeader: boolean, length: number): void {
    this.#sosAhead = isScanHeader;
    this.#skip = length;
    this.#place = 'segment';
    if (length === 0) this.#leaveSegment();
  }

  #skipSegment(chunk: Uint8Array, from: number): number {
    const step = Math.min(this.#skip, chunk.length - from);
    this.#skip -= step;
    if (this.#skip === 0) this.#leaveSegment();
    return from + step;
  }

  #leaveSegment(): void {
    this.#place = this.#sosAhead ? 'scan' : 'marker';
    this.#held = [];
  }

  #searchScan(chunk: Uint8Array, from: number, found: PictureSpan[]): number {
    let i = from;
    if (this.#held.length === 0) {
      i = chunk.indexOf(0xff, from);
      if (i === -1) return chunk.length;
      this.#held = [0xff];
      i += 1;
      if (i === chunk.length) return i;
    }
    const marker = chunk[i]!;
    this.#held = [];
    if (marker === EOI) this.#end(found, i + 1);
    else if (marker === SOI) this.#cutOff(found, i + 1);
    else if (marker === 0xff) this.#held = [0xff];
    else if (marker >= 0xc0 && !(marker >= 0xd0 && marker < SOI)) this.#held = [0xff, marker];
    // tables between the scans of a progressive picture are walked like any segment
    if (this.#held.length === 2) this.#place = 'marker';
    return i + 1;
  }

  /** The picture, whole or lost at this byte, ends before index `next` of this chunk. */
  #end(found: PictureSpan[], next: number): void {
    found.push({ offset: this.#picture, length: this.#at + next - this.#picture });
    this.#place = 'between';
    this.#held = [];
  }

  /** A new SOI stands where the picture should have gone on. */
  #cutOff(found: PictureSpan[], next: number): void {
    this.#end(found, next - 2);
    this.#begin(next);
  }

  /** The input is over: what was begun and not ended, if anything. */
  finish(): PictureSpan[] {
    if (this.#place === 'between') return [];
    return [{ offset: this.#picture, length: this.#at - this.#picture }];
  }
}

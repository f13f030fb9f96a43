/**
 * Reading back the fragmented MP4 that our ffmpeg writes, as far as counting goes (ISO/IEC 14496-12). Pure, never
 * throws: a file that was torn by a power cut is the normal case.
 */

/** Size and type of a box; `headerBytes` of them are its header. */
export interface BoxHeader {
  readonly type: string;
  readonly size: number;
  readonly headerBytes: number;
}

/** The longest box header: 32-bit size 1, type, 64-bit size (§4.2). */
export const BOX_HEADER_BYTES = 16;

/** The box header at `at`, or undefined when there is no whole or sane one. A size of 0 ("to the end") is not sane here. */
export function readBoxHeader(bytes: Uint8Array, at: number): BoxHeader | undefined {
  if (at + 8 > bytes.length) return undefined;
  const view = viewOf(bytes);
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  const short = view.getUint32(at);
  if (short !== 1) return short >= 8 ? { type, size: short, headerBytes: 8 } : undefined;
  if (at + 16 > bytes.length) return undefined;
  const size = Number(view.getBigUint64(at + 8));
  return size >= 16 ? { type, size, headerBytes: 16 } : undefined;
}

/** What a movie fragment (`moof`, §8.8.4) holds of our one track. */
export interface Fragment {
  readonly frames: number;
  /** Decode time of its first and of its last frame, in ticks of the track. */
  readonly firstTicks: number;
  readonly lastTicks: number;
}

/** Read the body of a `moof` box; undefined when it contradicts itself or holds no frame. */
export function readFragment(moof: Uint8Array): Fragment | undefined {
  const traf = findBox(moof, 'traf');
  const tfhd = traf && findBox(traf, 'tfhd');
  const tfdt = traf && findBox(traf, 'tfdt');
  if (traf === undefined || tfhd === undefined || tfdt === undefined) return undefined;
  const firstTicks = readBaseTime(tfdt);
  const usualTicks = readDefaultDuration(tfhd);
  if (firstTicks === undefined || usualTicks === undefined) return undefined;
  let frames = 0;
  let nextTicks = firstTicks;
  let lastTicks = firstTicks;
  for (const trun of boxes(traf, 'trun')) {
    const run = readRun(trun, usualTicks);
    if (run === undefined) return undefined;
    frames += run.frames;
    if (run.frames > 0) lastTicks = nextTicks + run.ticks - run.lastDuration;
    nextTicks += run.ticks;
  }
  return frames === 0 ? undefined : { frames, firstTicks, lastTicks };
}

/** Ticks a second of the one track, from the body of a `moov` box (§8.4.2); undefined when it does not tell. */
export function readTimescale(moov: Uint8Array): number | undefined {
  const trak = findBox(moov, 'trak');
  const mdia = trak && findBox(trak, 'mdia');
  const mdhd = mdia && findBox(mdia, 'mdhd');
  if (mdhd === undefined) return undefined;
  const at = mdhd[0] === 1 ? 20 : 12; // behind creation and modification time, of 64 or 32 bits each
  return at + 4 <= mdhd.length ? viewOf(mdhd).getUint32(at) || undefined : undefined;
}

/** Track fragment decode time: version, flags, then 32 or 64 bits (§8.8.12). None beyond what can be counted exactly. */
function readBaseTime(tfdt: Uint8Array): number | undefined {
  const view = viewOf(tfdt);
  if (tfdt[0] !== 1) return tfdt.length >= 8 ? view.getUint32(4) : undefined;
  const ticks = tfdt.length >= 12 ? Number(view.getBigUint64(4)) : Number.POSITIVE_INFINITY;
  return ticks <= Number.MAX_SAFE_INTEGER ? ticks : undefined;
}

/** Track fragment header (§8.8.7): flags say which optional fields stand before the default duration. 0 when absent. */
function readDefaultDuration(tfhd: Uint8Array): number | undefined {
  if (tfhd.length < 8) return undefined;
  const view = viewOf(tfhd);
  const flags = view.getUint32(0) & 0xffffff;
  if ((flags & 0x08) === 0) return 0;
  const at = 8 + (flags & 0x01 ? 8 : 0) + (flags & 0x02 ? 4 : 0);
  return at + 4 <= tfhd.length ? view.getUint32(at) : undefined;
}

interface Run {
  readonly frames: number;
  readonly ticks: number;
  readonly lastDuration: number;
}

/** Track fragment run (§8.8.8): sample count, optional fields, then for each sample the fields that flags announce. */
function readRun(trun: Uint8Array, usualTicks: number): Run | undefined {
  if (trun.length < 8) return undefined;
  const view = viewOf(trun);
  const flags = view.getUint32(0) & 0xffffff;
  const frames = view.getUint32(4);
  const start = 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0);
  const sampleBytes = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
  if (start + frames * sampleBytes > trun.length) return undefined;
  if ((flags & 0x100) === 0) return { frames, ticks: frames * usualTicks, lastDuration: usualTicks };
  let ticks = 0;
  let lastDuration = 0;
  for (let i = 0; i < frames; i++) {
    lastDuration = view.getUint32(start + i * sampleBytes);
    ticks += lastDuration;
  }
  return { frames, ticks, lastDuration };
}

/** The body of the first box of a type, as a view. */
export function findBox(bytes: Uint8Array, type: string): Uint8Array | undefined {
  for (const body of boxes(bytes, type)) return body;
  return undefined;
}

/** The bodies of the boxes of one type that stand in `bytes`, as views; ends at the first that does not fit. */
export function* boxes(bytes: Uint8Array, type: string): Generator<Uint8Array> {
  let at = 0;
  while (at < bytes.length) {
    const box = readBoxHeader(bytes, at);
    if (box === undefined || at + box.size > bytes.length) return;
    if (box.type === type) yield bytes.subarray(at + box.headerBytes, at + box.size);
    at += box.size;
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Reading the `moov` box of a whole MP4 (ISO/IEC 14496-12), as far as it tells which pictures players show. Pure, never
 * throws: whatever is not as it should be is undefined.
 */
import { boxes, findBox } from './mp4-fragment.ts';

export interface Movie {
  /** Ticks a second of `Edit.ticks`. */
  readonly timescale: number;
  readonly duration: Place;
  readonly tracks: readonly MovieTrack[];
}

export interface MovieTrack {
  readonly kind: 'video' | 'audio' | 'other';
  /** Ticks a second of the samples and of `Edit.mediaTicks`. */
  readonly timescale: number;
  /** Of the track in ticks of the movie, in its header (`tkhd`). */
  readonly duration: Place;
  /** In their order; empty: all is shown from the first sample on. */
  readonly edits: readonly Edit[];
  /** When each sample is shown, in ticks of the track, in the order of decoding. */
  readonly times: readonly number[];
  /** How long the last of them is shown. */
  readonly lastTicks: number;
}

/** A stretch of what is shown (`elst`, §8.6.6). */
export interface Edit {
  /** How long it is, in ticks of the movie. */
  readonly ticks: number;
  /** Where it begins, in ticks of the track; -1: nothing is shown. */
  readonly mediaTicks: number;
  readonly duration: Place;
}

/** Where in the body of `moov` a number stands, and how long it is. */
export interface Place {
  readonly at: number;
  readonly bytes: 4 | 8;
}

/** A day at 120 a second. */
const MOST_SAMPLES = 120 * 86_400;

/** Read the body of a `moov` box. */
export function readMovie(moov: Uint8Array): Movie | undefined {
  const header = findBox(moov, 'mvhd');
  if (header === undefined || header.length < 32) return undefined;
  const isLong = header[0] === 1;
  const timescale = viewOf(header).getUint32(isLong ? 20 : 12);
  const tracks = [...boxes(moov, 'trak')].map((trak) => readTrack(trak, moov));
  if (timescale === 0 || tracks.includes(undefined)) return undefined;
  const duration = placeIn(moov, header, isLong ? 24 : 16, isLong);
  return { timescale, duration, tracks: tracks.filter((track) => track !== undefined) };
}

function readTrack(trak: Uint8Array, moov: Uint8Array): MovieTrack | undefined {
  const tkhd = findBox(trak, 'tkhd');
  const mdia = findBox(trak, 'mdia');
  const mdhd = mdia && findBox(mdia, 'mdhd');
  const stbl = mdia && descend(mdia, ['minf', 'stbl']);
  if (tkhd === undefined || mdia === undefined || mdhd === undefined || stbl === undefined) return undefined;
  if (tkhd.length < 36 || mdhd.length < 24) return undefined;
  const timescale = viewOf(mdhd).getUint32(mdhd[0] === 1 ? 20 : 12);
  const samples = readTimes(stbl);
  if (timescale === 0 || samples === undefined) return undefined;
  const elst = descend(trak, ['edts', 'elst']);
  return {
    kind: KINDS[handler(mdia)] ?? 'other',
    timescale,
    duration: placeIn(moov, tkhd, tkhd[0] === 1 ? 28 : 20, tkhd[0] === 1),
    edits: elst === undefined ? [] : readEdits(elst, moov),
    ...samples,
  };
}

const KINDS: Readonly<Record<string, MovieTrack['kind']>> = { vide: 'video', soun: 'audio' };

/** Handler reference (§8.4.3): version, flags, 32 bits, then the type. */
const handler = (mdia: Uint8Array): string => String.fromCharCode(...(findBox(mdia, 'hdlr')?.subarray(8, 12) ?? []));

function descend(box: Uint8Array, path: readonly string[]): Uint8Array | undefined {
  let inner: Uint8Array | undefined = box;
  for (const type of path) inner = inner && findBox(inner, type);
  return inner;
}

function readEdits(elst: Uint8Array, moov: Uint8Array): Edit[] {
  const isLong = elst[0] === 1;
  const entryBytes = isLong ? 20 : 12;
  const view = viewOf(elst);
  const count = elst.length < 8 ? 0 : Math.min(view.getUint32(4), Math.floor((elst.length - 8) / entryBytes));
  return Array.from({ length: count }, (_, i) => {
    const at = 8 + i * entryBytes;
    return {
      ticks: isLong ? Number(view.getBigUint64(at)) : view.getUint32(at),
      mediaTicks: isLong ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4),
      duration: placeIn(moov, elst, at, isLong),
    };
  });
}

/** From the durations (`stts`, §8.6.1.2) and what is added to them for showing (`ctts`, §8.6.1.3). */
function readTimes(stbl: Uint8Array): Pick<MovieTrack, 'times' | 'lastTicks'> | undefined {
  const durations = runs(findBox(stbl, 'stts'));
  const offsets = runs(findBox(stbl, 'ctts'));
  const samples = durations.reduce((sum, { count }) => sum + count, 0);
  if (samples > MOST_SAMPLES) return undefined;
  const times: number[] = [];
  let at = 0;
  for (const { count, value } of durations) {
    for (let i = 0; i < count; i++, at += value) times.push(at);
  }
  let sample = 0;
  for (const { count, value } of offsets) {
    for (let i = 0; i < count && sample < times.length; i++, sample++) times[sample]! += value | 0; // may be below zero
  }
  return { times, lastTicks: durations.at(-1)?.value ?? 0 };
}

/** Both tables are runs of a count and a value. */
function runs(table: Uint8Array | undefined): { readonly count: number; readonly value: number }[] {
  if (table === undefined || table.length < 8) return [];
  const view = viewOf(table);
  const entries = Math.min(view.getUint32(4), Math.floor((table.length - 8) / 8));
  return Array.from({ length: entries }, (_, i) => ({
    count: view.getUint32(8 + 8 * i),
    value: view.getUint32(12 + 8 * i),
  }));
}

const placeIn = (moov: Uint8Array, box: Uint8Array, at: number, isLong: boolean): Place => ({
  at: box.byteOffset - moov.byteOffset + at,
  bytes: isLong ? 8 : 4,
});

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticJpeg } from '../support/jpegs.ts';
import type { ChromaFormat, PictureSize } from '../support/planes.ts';
import * as surgery from './jpeg-surgery.ts';
import { byFfmpeg, byGstreamer, byLibjpeg, changed, type Make, SIZE } from './pictures.ts';

/** One kind of input picture, and what must become of it. */
export interface ConformanceCase {
  readonly name: string;
  readonly make: Make;
  readonly size: PictureSize;
  /** Of the pictures that a receiver shows. */
  readonly chroma: ChromaFormat;
  /** Receivers that cannot show it whoever sends it, with the reason. */
  readonly cannot?: Readonly<Partial<Record<'ffmpeg' | 'gstreamer' | 'cambox', string>>>;
  /** The typed reason when it must not be sent at all. */
  readonly refused?: string;
  /** More options of the sender. */
  readonly options?: readonly string[];
}

const shown = (
  name: string,
  chroma: ChromaFormat,
  make: Make,
  more: Partial<ConformanceCase> = {},
): ConformanceCase => ({
  name,
  make,
  chroma,
  size: SIZE,
  ...more,
});
const refused = (name: string, reason: string, make: Make): ConformanceCase =>
  shown(name, '420', make, { refused: reason });

/** Three quantisation tables for cjpeg, unlike each other. */
const TABLES = join(tmpdir(), `cambox-conformance-tables-${process.pid}.txt`);
const withTables = (slots: string): string[] => {
  writeFileSync(TABLES, [9, 30, 5].map((value) => `${value} `.repeat(64)).join('\n'));
  return ['-sample', '2x2', '-qtables', TABLES, '-qslots', slots];
};
/** Baseline, but a scan for each component. */
const SCANS = join(tmpdir(), `cambox-conformance-scans-${process.pid}.txt`);
const severalScans = (): string[] => {
  writeFileSync(SCANS, '0;\n1;\n2;\n');
  return ['-scans', SCANS];
};

/** Coarse, so that a receiver's socket has room for a whole frame. */
const LARGE = { width: 2592, height: 1944 };
const libjpeg420 = byLibjpeg(['-sample', '2x2']);
/** A TIFF header with an empty directory, and a picture behind it. */
const exif = (): Uint8Array =>
  Buffer.concat([Buffer.from('Exif\0\0II*\0\b\0\0\0\0\0\0\0\0\0', 'latin1'), syntheticJpeg(64, 48)]);

export const CASES: readonly ConformanceCase[] = [
  shown('ffmpeg 4:2:0', '420', byFfmpeg(['-pix_fmt', 'yuvj420p'])),
  shown('ffmpeg 4:2:0 over dgram', '420', byFfmpeg(['-pix_fmt', 'yuvj420p']), { options: ['--transport', 'dgram'] }),
  shown(
    'ffmpeg 4:2:0, slices with restart markers',
    '420',
    byFfmpeg(['-pix_fmt', 'yuvj420p', '-threads', '4', '-thread_type', 'slice']),
  ),
  shown('ffmpeg 4:2:2 (MCU of 16x16)', '422', byFfmpeg(['-pix_fmt', 'yuvj422p'])),
  shown('ffmpeg 4:2:0, optimised Huffman tables', '420', byFfmpeg(['-pix_fmt', 'yuvj420p', '-huffman', 'optimal'])),
  shown('libjpeg 4:2:0', '420', libjpeg420),
  shown('libjpeg 4:2:2', '422', byLibjpeg(['-sample', '2x1'])),
  shown('libjpeg 4:2:0, optimised Huffman tables', '420', byLibjpeg(['-sample', '2x2', '-optimize'])),
  shown('libjpeg 4:2:2, restart markers, MTU 700', '422', byLibjpeg(['-sample', '2x1', '-restart', '5B']), {
    options: ['--mtu', '700'],
  }),
  shown('libjpeg 4:2:0, restart markers stripped', '420', byLibjpeg(['-sample', '2x2', '-restart', '3B']), {
    options: ['--restart-markers', 'strip'],
  }),
  shown('libjpeg grayscale', '420', byLibjpeg(['-grayscale'])),
  shown('GStreamer 4:2:0', '420', byGstreamer('I420')),
  shown('GStreamer 4:2:2', '422', byGstreamer('Y42B')),
  shown('no DHT (UVC "AVI1")', '420', changed(libjpeg420, surgery.removeSegments(0xc4))),
  shown('luma table 2, chroma table 0', '420', byLibjpeg(withTables('2,0,0'))),
  shown('one table for luma and chroma', '420', byLibjpeg(withTables('0,0,0'))),
  shown(
    'a third table that nobody uses',
    '420',
    changed(libjpeg420, surgery.insertSegment(0xdb, Uint8Array.of(2, ...new Array<number>(64).fill(99)))),
  ),
  shown('both tables in one DQT', '420', changed(libjpeg420, surgery.joinQuantTables)),
  shown('EXIF with a thumbnail', '420', changed(libjpeg420, surgery.insertSegment(0xe1, exif()))),
  shown(
    'a comment',
    '420',
    changed(libjpeg420, surgery.insertSegment(0xfe, Buffer.from('no \xff\xda here', 'latin1'))),
  ),
  shown('fill bytes', '420', changed(libjpeg420, surgery.addFillBytes)),
  shown('restart interval 0', '420', changed(libjpeg420, surgery.insertSegment(0xdd, Uint8Array.of(0, 0)))),
  shown('padding after EOI', '420', changed(libjpeg420, surgery.append(new Array<number>(4096).fill(0)))),
  shown('another picture after EOI', '420', changed(libjpeg420, surgery.appendItself)),
  shown('no EOI', '420', changed(libjpeg420, surgery.removeEoi)),
  shown('2592x1944', '420', byLibjpeg(['-sample', '2x2', '-quality', '10', '-baseline'], LARGE), {
    size: LARGE,
    cannot: { ffmpeg: 'it takes no size from the session description' },
  }),
  refused('progressive', 'progressive', byLibjpeg(['-progressive'])),
  refused('arithmetic coding', 'arithmetic', byLibjpeg(['-arithmetic'])),
  refused('several scans', 'several_scans', byLibjpeg(severalScans())),
  refused('4:4:4', 'subsampling', byLibjpeg(['-sample', '1x1'])),
  refused('4:4:0', 'subsampling', byLibjpeg(['-sample', '1x2'])),
  refused('4:1:1', 'subsampling', byLibjpeg(['-sample', '4x1'])),
  refused('Cb and Cr tables differ', 'chroma_tables_differ', byLibjpeg(withTables('0,1,2'))),
  refused('16-bit tables', 'table_16_bit', changed(libjpeg420, surgery.widenQuantTables)),
  refused('cut off', 'no_eoi', changed(libjpeg420, surgery.cutOff)),
];

import { execFileSync } from 'node:child_process';
import { insertSegment, widenQuantTables } from '../conformance/jpeg-surgery.ts';
import { ffmpegJpegs, syntheticJpeg } from '../support/jpegs.ts';
import { withoutDht } from '../support/mjpeg-pictures.ts';

/** Real inputs, from which mutated ones are made. */
export interface Seeds {
  /** Of each kind of JPEG that cameras and encoders make; small, so that a run sees many. */
  readonly pictures: readonly Uint8Array[];
  /** A clip as our ffmpeg writes it: fragmented MP4. */
  readonly clip: Uint8Array;
}

const run = (program: string, args: readonly string[], input?: Uint8Array): Uint8Array =>
  new Uint8Array(execFileSync(program, args, { input, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 26 }));

/** Noise makes coefficients of all kinds. */
const scene = (size: string): Uint8Array => {
  const source = `testsrc2=s=${size},format=rgb24,noise=alls=20:all_seed=1`;
  return run('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    source,
    '-frames:v',
    '1',
    '-f',
    'image2pipe',
    '-c:v',
    'ppm',
    '-',
  ]);
};

/** libjpeg's options for each kind. */
const LIBJPEG: readonly (readonly string[])[] = [
  ['-sample', '2x2'],
  ['-sample', '2x1'],
  ['-sample', '1x1'],
  ['-sample', '2x2', '-optimize'],
  ['-sample', '2x1', '-optimize'],
  ['-sample', '2x2', '-restart', '1B'],
  ['-sample', '2x1', '-restart', '3B', '-optimize'],
  ['-grayscale'],
  ['-grayscale', '-optimize', '-restart', '2B'],
  ['-progressive'],
  ['-arithmetic'],
];

const FFMPEG: readonly (readonly string[])[] = [
  ['-pix_fmt', 'yuvj420p', '-huffman', 'default'],
  ['-pix_fmt', 'yuvj420p', '-huffman', 'optimal'],
  ['-pix_fmt', 'yuvj422p', '-huffman', 'default'],
  ['-pix_fmt', 'yuvj422p', '-huffman', 'optimal'],
  ['-pix_fmt', 'yuvj444p', '-huffman', 'default'],
  ['-pix_fmt', 'yuvj420p', '-huffman', 'default', '-threads', '2', '-thread_type', 'slice'],
];

function gstreamerJpeg(format: string): Uint8Array {
  const caps = `video/x-raw,format=${format},width=48,height=32,framerate=5/1`;
  return run('gst-launch-1.0', ['-q', ...['videotestsrc', 'num-buffers=1', '!', caps, '!', 'jpegenc', '!', 'fdsink']]);
}

/** A TIFF header with an empty directory, and a picture behind it. */
const exifWithThumbnail = (): Uint8Array =>
  Buffer.concat([Buffer.from('Exif\0\0II*\0\b\0\0\0\0\0\0\0\0\0', 'latin1'), syntheticJpeg(64, 48)]);

function fragmentedClip(): Uint8Array {
  const source = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=30', '-frames:v', '12', '-c:v', 'mjpeg'];
  const movie = ['-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-frag_duration', '100000'];
  return run('ffmpeg', [...source, ...movie, '-f', 'mp4', 'pipe:1']);
}

/** Made by the real encoders on this machine, in about a second. */
export function makeSeeds(): Seeds {
  const [small, odd, wide] = [scene('48x32'), scene('33x17'), scene('2056x16')];
  const libjpeg = (options: readonly string[], ppm = small): Uint8Array =>
    run('cjpeg', ['-quality', '60', ...options], ppm);
  const plain = libjpeg(['-sample', '2x2']);
  const pictures = [
    ...LIBJPEG.map((options) => libjpeg(options)),
    libjpeg(['-sample', '2x2'], odd),
    libjpeg(['-sample', '2x1', '-optimize'], odd),
    libjpeg(['-sample', '2x2', '-quality', '5'], wide), // the packets cannot say its width
    ...FFMPEG.map((options) => ffmpegJpegs(1, '48x32', [...options, '-q:v', '6'])),
    gstreamerJpeg('I420'),
    gstreamerJpeg('Y42B'),
    syntheticJpeg(64, 48),
    withoutDht(plain),
    withoutDht(libjpeg(['-sample', '2x1'])),
    insertSegment(0xe1, exifWithThumbnail())(plain),
    insertSegment(0xfe, Buffer.from('no \xff\xda here', 'latin1'))(plain),
    widenQuantTables(plain),
  ];
  // No Buffers: their slice() is a view, and a mutation would change the seed.
  return { pictures: pictures.map((picture) => Uint8Array.from(picture)), clip: fragmentedClip() };
}

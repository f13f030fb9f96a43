import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type ChromaFormat, decodePlanes, type Planes, psnr } from '../support/planes.ts';
import { ffmpegReceiver, freeRtpPort, gstreamerReceiver } from '../support/rtp-receivers.ts';

/** A multiple of neither 16 nor 8, so that the picture on the wire is larger than the source. */
const SIZE = { width: 330, height: 250 };
const PICTURES = 5;
const FRAMES = 22;
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const EXACT = { Y: Number.POSITIVE_INFINITY, U: Number.POSITIVE_INFINITY, V: Number.POSITIVE_INFINITY };

const folder = mkdtempSync(join(tmpdir(), 'rtp-receivers-'));
after(() => rmSync(folder, { recursive: true }));

const run = (program: string, args: readonly string[]): Buffer =>
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });

const SCENE = ['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=s=${SIZE.width}x${SIZE.height}:r=30`];
const COUNT = ['-frames:v', String(PICTURES)];

run('ffmpeg', [...SCENE, ...COUNT, join(folder, '%d.ppm')]);

function ffmpegFile(name: string, ...options: string[]): string {
  const path = join(folder, `${name}.mjpeg`);
  run('ffmpeg', [...SCENE, ...COUNT, '-q:v', '3', '-huffman', 'default', ...options, path]);
  return path;
}

/** A folder of files, as cjpeg makes one picture at a time. */
function cjpegFolder(name: string, ...options: string[]): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (let i = 1; i <= PICTURES; i++) {
    run('cjpeg', ['-quality', '85', ...options, '-outfile', join(path, `${i}.jpg`), join(folder, `${i}.ppm`)]);
  }
  return path;
}

/** cjpeg's file format of three quantisation tables, unlike each other. */
const TABLES_FILE = join(folder, 'tables.txt');
writeFileSync(TABLES_FILE, [9, 30, 5].map((value) => `${value} `.repeat(64)).join('\n'));
const TABLES = ['-qtables', TABLES_FILE];

/** One more table (number 1) in a DQT segment of its own behind SOI, as some cameras have. */
function addTable(path: string): string {
  for (let i = 1; i <= PICTURES; i++) {
    const file = join(path, `${i}.jpg`);
    const jpeg = readFileSync(file);
    const segment = Buffer.concat([Buffer.of(0xff, 0xdb, 0, 67, 1), Buffer.alloc(64, 99)]);
    writeFileSync(file, Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]));
  }
  return path;
}

function gstreamerFolder(name: string, format: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  const caps = `video/x-raw,format=${format},width=${SIZE.width},height=${SIZE.height}`;
  const source = ['videotestsrc', `num-buffers=${PICTURES}`, 'pattern=ball', '!', caps];
  run('gst-launch-1.0', ['-q', ...source, '!', 'jpegenc', '!', 'multifilesink', `location=${join(path, '%d.jpg')}`]);
  return path;
}

/** The pictures of a source in the order they are played, in one file. */
function concatenated(source: string): string {
  if (source.endsWith('.mjpeg')) return source;
  const path = `${source}.mjpeg`;
  run('sh', ['-c', `cat $(ls -v ${source}/*.jpg) > ${path}`]);
  return path;
}

interface Summary {
  readonly frames: number;
  readonly refused: Record<string, number>;
  readonly transport: string;
}

interface Sender {
  /** Resolves with the summary when it has ended by itself. */
  readonly ended: Promise<Summary>;
  /** End it and read its summary. */
  stop(): Promise<Summary>;
}

/** The real CLI, in a process of its own. */
function stream(source: string, port: number, ...options: string[]): Sender {
  const args = [MAIN, 'stream', source, '--to', `rtp://127.0.0.1:${port}`, '--json', ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, complaints] = [text(child.stdout), text(child.stderr)];
  const ended = once(child, 'close').then(async () => {
    const summary = await output;
    if (summary === '') throw new Error(`cambox stream wrote no summary: ${await complaints}`);
    return JSON.parse(summary) as Summary;
  });
  ended.catch(() => undefined); // seen by whoever awaits it
  return {
    ended,
    stop() {
      child.kill('SIGINT');
      return ended;
    },
  };
}

/** The session description that the CLI writes for this target, made by sending one frame that nobody receives. */
async function writeSdp(source: string, port: number, path: string): Promise<void> {
  await stream(source, port, '--frames', '1', '--sdp', path).ended;
  assert.match(readFileSync(path, 'utf8'), new RegExp(`m=video ${port} RTP/AVP 26`));
}

const RECEIVERS = { ffmpeg: ffmpegReceiver, GStreamer: gstreamerReceiver } as const;

interface Case {
  readonly name: string;
  readonly chroma: ChromaFormat;
  readonly make: () => string;
  readonly options?: readonly string[];
}

const CASES: readonly Case[] = [
  { name: 'ffmpeg 4:2:0', chroma: '420', make: () => ffmpegFile('ffmpeg-420', '-pix_fmt', 'yuvj420p') },
  {
    name: 'ffmpeg 4:2:0 over dgram',
    chroma: '420',
    make: () => ffmpegFile('ffmpeg-dgram', '-pix_fmt', 'yuvj420p'),
    options: ['--transport', 'dgram'],
  },
  {
    name: 'ffmpeg 4:2:0 with restart markers and one table',
    chroma: '420',
    make: () => ffmpegFile('ffmpeg-dri', '-pix_fmt', 'yuvj420p', '-threads', '4', '-thread_type', 'slice'),
  },
  { name: 'libjpeg 4:2:0', chroma: '420', make: () => cjpegFolder('libjpeg-420', '-sample', '2x2') },
  { name: 'libjpeg 4:2:2', chroma: '422', make: () => cjpegFolder('libjpeg-422', '-sample', '2x1') },
  {
    name: 'libjpeg 4:2:2 with restart markers',
    chroma: '422',
    make: () => cjpegFolder('libjpeg-dri', '-sample', '2x1', '-restart', '5B'),
    options: ['--mtu', '700'],
  },
  {
    name: 'libjpeg with tables 2 (luma) and 0 (chroma), and one nobody uses',
    chroma: '420',
    make: () => addTable(cjpegFolder('libjpeg-tables', '-sample', '2x2', ...TABLES, '-qslots', '2,0,0')),
  },
  { name: 'GStreamer 4:2:0', chroma: '420', make: () => gstreamerFolder('gst-420', 'I420') },
  { name: 'GStreamer 4:2:2', chroma: '422', make: () => gstreamerFolder('gst-422', 'Y42B') },
];

for (const { name, chroma, make, options = [] } of CASES) {
  const source = make();
  const expected = decodePlanes(concatenated(source), SIZE, chroma);
  for (const [receiverName, openReceiver] of Object.entries(RECEIVERS)) {
    test(`${receiverName} receives pictures of ${name} exactly, in Y, U and V`, async () => {
      const port = await freeRtpPort();
      const sdp = join(folder, `${port}.sdp`);
      const out = join(folder, `${port}.mjpeg`);
      if (openReceiver === ffmpegReceiver) await writeSdp(source, port, sdp);
      await using receiver = await openReceiver({ sdp, port, frames: FRAMES, out });
      const sender = stream(source, port, '--fps', '50', '--loop', ...options);
      await Promise.race([receiver.done, sender.ended.then(() => assert.fail('the sender ended first'))]);
      const summary = await sender.stop();

      const received = decodePlanes(out, SIZE, chroma);
      assert.equal(received.length, FRAMES);
      assertShown(received, expected);
      assert.deepEqual(summary.refused, {});
      assert.equal(summary.transport, options.includes('dgram') ? 'dgram' : 'gso');
    });
  }
}

/**
 * Every received picture is one that was sent, in their order. On a busy machine a receiver's socket may overflow and a
 * whole picture be missing, which is not what is tested here; a damaged one never passes.
 */
function assertShown(received: readonly Planes[], sent: readonly Planes[]): void {
  let at = -1;
  for (const [i, planes] of received.entries()) {
    const isNext = (ahead: number): boolean =>
      isDeepStrictEqual(psnr(planes, sent[(at + 1 + ahead) % sent.length]!), EXACT);
    const skipped = sent.findIndex((_, ahead) => isNext(ahead));
    assert.notEqual(skipped, -1, `frame ${i} equals no picture that was sent`);
    at += 1 + skipped;
  }
}

test('GStreamer receives pictures beyond 2040 pixels exactly, at the size that the session description tells', async () => {
  const size = { width: 2592, height: 1944 };
  const frames = 4;
  const [source, out, sdp] = ['large.mjpeg', 'large-out.mjpeg', 'large.sdp'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const scene = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${size.width}x${size.height}:r=30`, '-frames:v', '1'];
  run('ffmpeg', [...scene, '-pix_fmt', 'yuvj420p', '-q:v', '5', '-huffman', 'default', source]);
  const port = await freeRtpPort();
  await writeSdp(source, port, sdp);
  assert.match(readFileSync(sdp, 'utf8'), /^a=x-dimensions:2592,1944\r$/m);
  await using receiver = await gstreamerReceiver({ sdp, port, frames, size, out });
  const sender = stream(source, port, '--fps', '10', '--loop');
  await Promise.race([receiver.done, sender.ended.then(() => assert.fail('the sender ended first'))]);
  await sender.stop();
  const [expected] = decodePlanes(source, size, '420');
  const received = decodePlanes(out, size, '420');
  assert.equal(received.length, frames);
  for (const planes of received) assert.deepEqual(psnr(planes, expected!), EXACT);
});

test('pictures that receivers would show as garbage are not sent but counted by reason', async () => {
  const refused: [reason: string, source: string][] = [
    ['huffman', ffmpegFile('optimal', '-huffman', 'optimal')],
    ['huffman', cjpegFolder('optimize', '-optimize')],
    ['progressive', cjpegFolder('progressive', '-progressive')],
    ['arithmetic', cjpegFolder('arithmetic', '-arithmetic')],
    ['grayscale', cjpegFolder('grayscale', '-grayscale')],
    ['chroma_tables_differ', cjpegFolder('differ', ...TABLES, '-qslots', '0,1,2')],
    ['subsampling', cjpegFolder('444', '-sample', '1x1')],
    ['subsampling', cjpegFolder('440', '-sample', '1x2')],
    ['subsampling', cjpegFolder('411', '-sample', '4x1')],
    // ffmpeg's 4:2:2 has MCUs of 16x16 (Y 2x2, chroma 1x2), for which RFC 2435 has no type; its own sender refuses it.
    ['subsampling', ffmpegFile('ffmpeg-422', '-pix_fmt', 'yuvj422p')],
  ];
  const port = await freeRtpPort();
  for (const [reason, source] of refused) {
    const summary = await stream(source, port, '--unpaced').ended;
    assert.deepEqual([summary.frames, summary.refused], [0, { [reason]: PICTURES }], source);
  }
});

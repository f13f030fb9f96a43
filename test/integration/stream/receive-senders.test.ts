import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { cambox } from '../../support/daemon-rig.ts';
import { splitJpegs } from '../../support/mjpeg-pictures.ts';
import { packetsOfPictures, sendPackets } from '../../support/packet-sender.ts';
import { type ChromaFormat, decodePlanes, type PictureSize, type Planes } from '../../support/planes.ts';
import { type ReceiveSummary, startReceive } from '../../support/receive-process.ts';
import { freeRtpPort } from '../../support/rtp-receivers.ts';

/** A peer that hangs fails the test; it does not hold it up. */
const LIMITS = { timeout: 60_000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const;
const run = (program: string, args: readonly string[]) => promisify(execFile)(program, args, LIMITS);
const PICTURES = 30;

const folder = mkdtempSync(join(tmpdir(), 'receive-senders-'));
after(() => rmSync(folder, { recursive: true }));

/** Pictures in a folder and, one after the other, in a file. */
interface Source {
  readonly size: PictureSize;
  readonly chroma: ChromaFormat;
  readonly file: string;
  readonly folder: string;
}

/** A moving scene: every picture is another one. */
function source(name: string, size: PictureSize, chroma: ChromaFormat, ...cjpeg: readonly string[]): Source {
  const path = join(folder, name);
  mkdirSync(path);
  const scene = `testsrc2=s=${size.width}x${size.height}:r=30`;
  const made = ['-frames:v', String(PICTURES), join(path, '%02d.ppm')];
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', scene, ...made], LIMITS);
  const sampling = chroma === '420' ? '2x2' : '2x1';
  const jpegs = readdirSync(path).map((ppm) => {
    const jpeg = execFileSync('cjpeg', ['-sample', sampling, ...cjpeg, join(path, ppm)], LIMITS);
    rmSync(join(path, ppm));
    writeFileSync(join(path, ppm.replace('ppm', 'jpg')), jpeg);
    return jpeg;
  });
  const file = join(folder, `${name}.mjpeg`);
  writeFileSync(file, Buffer.concat(jpegs));
  return { size, chroma, file, folder: path };
}

const SMALL = { width: 320, height: 240 };
const S420 = source('s420', SMALL, '420', '-quality', '85');
const S422 = source('s422', SMALL, '422', '-quality', '90');
const RESTARTS = source('restarts', SMALL, '420', '-quality', '85', '-restart', '10B');
const LARGE = source('large', { width: 2560, height: 1440 }, '420', '-quality', '75');

/** What came is what was sent, in Y, U and V: from the first picture that came, without a gap. */
function assertSamePictures(out: string, { file, size, chroma }: Source, least: number): void {
  const received = join(folder, 'received.mjpeg');
  const names = readdirSync(out).sort();
  writeFileSync(received, Buffer.concat(names.map((name) => readFileSync(join(out, name)))));
  const sent = decodePlanes(file, size, chroma);
  const came = decodePlanes(received, size, chroma);
  assert.equal(came.length, names.length);
  assert.ok(came.length >= least, `${came.length} pictures`);
  const first = sent.findIndex((planes) => isSame(planes, came[0]!));
  for (const [i, planes] of came.entries()) {
    assert.ok(
      isSame(planes, sent[(first + i) % sent.length]!),
      `picture ${i} is not number ${first + i} of those sent`,
    );
  }
}

const isSame = (one: Planes, other: Planes): boolean =>
  one.Y.equals(other.Y) && one.U.equals(other.U) && one.V.equals(other.V);

/** Start receiving into a folder, let `send` send all pictures, and return the summary when the receiver has ended. */
async function receiveAll(
  send: (port: number) => Promise<unknown>,
  how: { name: string; args?: (port: number) => string[] },
): Promise<{ out: string; summary: ReceiveSummary }> {
  const port = await freeRtpPort();
  const out = join(folder, `out-${how.name}`);
  const args = how.args?.(port) ?? ['--port', String(port)];
  await using receive = await startReceive(port, ...args, '--out', out, '--seconds', '30');
  await send(port);
  const { summary, stderr } = await receive.ended;
  assert.ok(summary !== undefined, stderr);
  assert.deepEqual([summary.refused, summary.lost_packets, summary.lost_frames], [{}, 0, 0]);
  return { out, summary };
}

const upToLast = (port: number): string[] => ['--port', String(port), '--frames', String(PICTURES)];

const ffmpegSends = (file: string) => (port: number) => {
  const input = ['-v', 'error', '-re', '-f', 'mjpeg', '-framerate', '30', '-i', file];
  return run('ffmpeg', [...input, '-c', 'copy', '-rtpflags', 'send_bye', '-f', 'rtp', `rtp://127.0.0.1:${port}`]);
};

/** Sends as fast as it can, and no goodbye. */
const gstreamerSends =
  ({ folder: path, size }: Source) =>
  (port: number) => {
    const caps = `image/jpeg,width=${size.width},height=${size.height},framerate=30/1`;
    const files = [
      'multifilesrc',
      `location=${path}/%02d.jpg`,
      'start-index=1',
      `stop-index=${PICTURES}`,
      `caps=${caps}`,
    ];
    const sink = ['udpsink', 'host=127.0.0.1', `port=${port}`, 'buffer-size=4194304'];
    return run('gst-launch-1.0', ['-q', ...files, '!', 'rtpjpegpay', '!', ...sink]);
  };

const camboxSends =
  (file: string, ...options: string[]) =>
  async (port: number) => {
    const target = `rtp://127.0.0.1:${port}`;
    const { code, stderr } = await cambox('stream', file, '--to', target, '--fps', '30', ...options);
    assert.equal(code, 0, stderr);
  };

for (const [name, from] of Object.entries({ '4:2:0': S420, '4:2:2': S422 })) {
  test(`pictures that ffmpeg sends (${name}) arrive with the same pixels, and its goodbye ends it`, async () => {
    const { out, summary } = await receiveAll(ffmpegSends(from.file), { name: `ffmpeg-${name}` });
    assertSamePictures(out, from, PICTURES);
    assert.equal(summary.ended, 'goodbye');
  });

  test(`pictures that GStreamer sends (${name}) arrive with the same pixels`, async () => {
    const { out } = await receiveAll(gstreamerSends(from), { name: `gst-${name}`, args: upToLast });
    assertSamePictures(out, from, PICTURES);
  });

  test(`pictures that cambox sends (${name}) arrive with the same pixels`, async () => {
    const { out } = await receiveAll(camboxSends(from.file), { name: `cambox-${name}` });
    assertSamePictures(out, from, PICTURES);
  });
}

test('restart markers arrive, from GStreamer and from cambox', async () => {
  const gst = await receiveAll(gstreamerSends(RESTARTS), { name: 'gst-restarts', args: upToLast });
  assertSamePictures(gst.out, RESTARTS, PICTURES);
  const own = await receiveAll(camboxSends(RESTARTS.file, '--mtu', '700'), { name: 'own-restarts' });
  assertSamePictures(own.out, RESTARTS, PICTURES);
});

test('pictures above 2040 pixels that GStreamer sends arrive, their size told by the session description', async () => {
  const sdp = join(folder, 'large.sdp');
  const { width, height } = LARGE.size;
  const args = (port: number): string[] => {
    const lines = [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=video ${port} RTP/AVP 26`,
    ];
    writeFileSync(sdp, [...lines, `a=x-dimensions:${width},${height}`, ''].join('\r\n'));
    return ['--sdp', sdp, '--frames', String(PICTURES)];
  };
  const { out } = await receiveAll(gstreamerSends(LARGE), { name: 'gst-large', args });
  assertSamePictures(out, LARGE, PICTURES);
});

test('pictures above 2040 pixels that cambox sends arrive without a description, their size told by the extension', async () => {
  const { out } = await receiveAll(camboxSends(LARGE.file), { name: 'own-large' });
  assertSamePictures(out, LARGE, PICTURES);
});

test('a stream to a multicast group is received as its description says', async () => {
  const sdp = join(folder, 'group.sdp');
  writeFileSync(sdp, 'v=0\r\nc=IN IP4 239.1.2.3/1\r\nm=video 5004 RTP/AVP 26\r\n');
  // In a network of its own, where groups have a route.
  const script = `
    ip link set lo up && ip link set lo multicast on && ip route add 224.0.0.0/4 dev lo
    "$0" src/main.ts receive --sdp ${sdp} --frames 10 --seconds 20 --json &
    receiver=$!
    while ! grep -q :138C /proc/net/udp; do sleep 0.1; done
    "$0" src/main.ts stream ${S420.file} --to rtp://239.1.2.3:5004 >&2
    wait $receiver`;
  const { stdout } = await run('unshare', ['-rn', 'sh', '-c', script, process.execPath]);
  const summary = JSON.parse(stdout) as ReceiveSummary;
  assert.deepEqual([summary.ended, summary.frames, summary.lost_packets], ['frames', 10, 0]);
});

test('pictures with Q of 1 to 99 have libjpeg’s tables of that quality [RFC2435 §4.2]', async () => {
  for (const q of [10, 50, 95]) {
    const from = source(`q${q}`, SMALL, '420', '-quality', String(q), '-baseline');
    const pictures = splitJpegs(readFileSync(from.file)).map((jpeg, i) => ({ jpeg, timestamp: i * 3000, q }));
    const packets = packetsOfPictures(pictures);
    const { out } = await receiveAll((port) => sendPackets(packets, port), { name: `q-${q}` });
    assertSamePictures(out, from, PICTURES);
  }
});

test('libjpeg reads every received picture without a complaint', async () => {
  const { out } = await receiveAll(ffmpegSends(S420.file), { name: 'strict' });
  for (const name of readdirSync(out)) {
    const decoder = spawn('djpeg', [join(out, name)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaints = '';
    decoder.stderr.on('data', (text) => {
      complaints += String(text);
    });
    const [code] = await once(decoder, 'close');
    assert.deepEqual([code, complaints], [0, '']);
  }
});

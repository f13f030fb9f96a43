import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { DESKS_NEEDED } from '../../../src/capture/raw/encode-queue.ts';
import { openTurboJpeg } from '../../../src/capture/raw/turbojpeg/turbojpeg-encoder.ts';
import { RawPictures } from '../../../src/capture/v4l2/raw-pictures.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { openRtpStream } from '../../../src/stream/rtp-stream.ts';
import { TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';
import { rawPictureOf } from '../../support/encode-once.ts';
import { splitJpegs } from '../../support/mjpeg-pictures.ts';
import { psnr } from '../../support/planes.ts';
import { expectedPlanes, jpegPlanes, rawBytes, referenceRgb } from '../../support/raw-pictures.ts';
import { freeRtpPort, gstreamerReceiver } from '../../support/rtp-receivers.ts';
import { ScriptedCamera } from '../../support/scripted-camera.ts';

const SIZE = { width: 320, height: 240 };
const LIMITED = { matrix: 'bt601', range: 'limited' } as const;
const FRAMES = 10;
const LIMIT_MS = 30_000;

test('Raw pictures of a camera arrive at GStreamer as what the camera saw', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cambox-raw-stream-'));
  const arena = new FrameArena(8_000_000);
  try {
    const rgb = referenceRgb(SIZE);
    const raw = rawBytes('YUYV', rgb, SIZE, LIMITED);
    const out = join(folder, 'received.mjpeg');
    const port = await freeRtpPort();
    await using receiver = await gstreamerReceiver({ sdp: '', port, frames: FRAMES, out });
    const signal = AbortSignal.any([AbortSignal.timeout(LIMIT_MS), abortedBy(receiver.done)]);
    await send(raw, port, arena, signal);
    await receiver.done;
    const pictures = splitJpegs(readFileSync(out));
    assert.equal(pictures.length, FRAMES);
    const { Y, U, V } = psnr(jpegPlanes(pictures.at(-1)!, SIZE, '4:2:2'), expectedPlanes(rgb, SIZE, '4:2:2'));
    assert.ok(Math.min(Y, U, V) > 38, `${Y}, ${U}, ${V} dB`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.equal(arena.usedBytes, 0);
});

function abortedBy(end: Promise<void>): AbortSignal {
  const aborter = new AbortController();
  const abort = (): void => aborter.abort();
  end.then(abort, abort);
  return aborter.signal;
}

/** From the driver's buffers to packets, until the signal. */
async function send(raw: Uint8Array, port: number, arena: FrameArena, signal: AbortSignal): Promise<void> {
  const deps = { arena, clock: SYSTEM_CLOCK, logger: SILENT, onBroken: (fault: string) => assert.fail(fault) };
  const picture = rawPictureOf({ fourcc: 'YUYV', ...SIZE, bytesPerLine: 0 }, LIMITED);
  await using encoder = openTurboJpeg(picture, 95, DESKS_NEEDED);
  const camera = new ScriptedCamera(SYSTEM_CLOCK, 30);
  camera.spoil(Number.MAX_SAFE_INTEGER, { bytes: raw });
  await using source = camera.source(deps, (later) => new RawPictures(raw.length, encoder, later, deps));
  await using stream = await openRtpStream(
    { ...TARGET_DEFAULTS, host: '127.0.0.1', port, rtcp: false },
    { clock: SYSTEM_CLOCK, logger: SILENT, random: () => 0.5, cname: 'test', credentialsDirectory: undefined },
  );
  for await (const frame of source.frames(signal)) {
    using _ = frame;
    stream.send(frame);
  }
}

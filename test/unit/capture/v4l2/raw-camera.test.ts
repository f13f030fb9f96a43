import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { CamboxError } from '../../../../src/base/errors.ts';
import { DESKS_NEEDED } from '../../../../src/capture/raw/encode-queue.ts';
import { openTurboJpeg } from '../../../../src/capture/raw/turbojpeg/turbojpeg-encoder.ts';
import { RawPictures } from '../../../../src/capture/v4l2/raw-pictures.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { rawPictureOf } from '../../../support/encode-once.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { frameSourceContract } from '../../../support/frame-source-contract.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { ScriptedCamera } from '../../../support/scripted-camera.ts';
import { ScriptedEncoder } from '../../../support/scripted-encoder.ts';

const PICTURE = rawPictureOf({ fourcc: 'YUYV', width: 64, height: 48, bytesPerLine: 160 });
const RAW = new Uint8Array(PICTURE.geometry.bytes).map((_, i) => (i * 5) & 255);
const ALL = Number.MAX_SAFE_INTEGER;

frameSourceContract(
  'A camera of raw pictures',
  async (arena) => {
    const camera = new ScriptedCamera(SYSTEM_CLOCK, 100);
    camera.spoil(ALL, { bytes: RAW });
    const deps = { arena, clock: SYSTEM_CLOCK, logger: new LogCollector(), onBroken: () => assert.fail('broken') };
    const encoder = openTurboJpeg(PICTURE, 85, DESKS_NEEDED);
    return camera.source(deps, (later) => new RawPictures(RAW.length, encoder, later, deps));
  },
  { restarts: true },
);

function scripted(raw: Uint8Array = RAW) {
  const clock = new FakeClock();
  const camera = new ScriptedCamera(clock);
  camera.spoil(ALL, { bytes: raw });
  const logger = new LogCollector();
  const arena = new FrameArena(1_000_000);
  const encoder = new ScriptedEncoder(DESKS_NEEDED);
  const broken: string[] = [];
  const deps = { arena, clock, logger, onBroken: (fault: string) => void broken.push(fault) };
  const source = camera.source(deps, (later) => new RawPictures(RAW.length, encoder, later, deps));
  return { clock, camera, logger, arena, encoder, source, broken };
}

test('A camera of raw pictures keeps the driver in buffers while the encoder is slow', async () => {
  const { clock, camera, arena, encoder, source } = scripted();
  encoder.paused = true;
  const iterator = source.frames(new AbortController().signal)[Symbol.asyncIterator]();
  const first = iterator.next();
  await clock.advance(1000);
  assert.equal(encoder.underWay.length, 2);
  assert.ok(source.counts.dropped.of('encoder_busy') > 20, JSON.stringify(source.counts));
  assert.equal(source.counts.gaps, 0);
  assert.deepEqual(
    camera.leftovers.filter((left) => left.includes('buffers')),
    [],
  );
  encoder.finish(encoder.underWay[0]!);
  (await first).value?.release();
  encoder.paused = false;
  for (const encoding of [...encoder.underWay]) encoder.finish(encoding);
  await source[Symbol.asyncDispose]();
  assert.equal(arena.usedBytes, 0);
});

test('A camera of raw pictures drops those that are too short, and is called broken when all are', async () => {
  const { clock, source } = scripted(RAW.subarray(1));
  const next = source.frames(new AbortController().signal)[Symbol.asyncIterator]().next();
  const failure = assert.rejects(next, { code: 'pictures_broken' });
  await clock.advance(4000);
  await failure;
  assert.ok(source.counts.dropped.of('raw_short') > 80);
  await source[Symbol.asyncDispose]();
});

test('A camera of raw pictures fails when its encoder fails five times in a row, and logs the first time why', async () => {
  const { clock, arena, encoder, logger, source, broken } = scripted();
  encoder.paused = true;
  const next = source.frames(new AbortController().signal)[Symbol.asyncIterator]().next();
  const failure = next.then(
    () => assert.fail('a frame'),
    (thrown) => thrown as unknown,
  );
  for (let i = 0; i < 20 && encoder.underWay.length >= 0; i++) {
    await clock.advance(40);
    encoder.underWay[0]?.settle({ fault: 'out of ink' });
  }
  const error = await failure;
  assert.ok(error instanceof CamboxError);
  assert.match(error.message, /scripted failed 5 times in a row: out of ink/);
  assert.equal(logger.of('encode_failed').length, 1);
  assert.deepEqual(broken, ['out of ink']);
  for (const encoding of [...encoder.underWay]) encoder.finish(encoding);
  await source[Symbol.asyncDispose]();
  assert.equal(arena.usedBytes, 0);
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { EventQueue } from '../../../../src/v4l2/event-queue.ts';
import { M2mSession } from '../../../../src/v4l2/m2m-session.ts';
import { getSelection } from '../../../../src/v4l2/selection.ts';
import { openDescriptors } from './process-holdings.ts';
import { nodeNamed } from './vivid-devices.ts';

const LIMIT_MS = 20_000;
const limit = (): AbortSignal => AbortSignal.timeout(LIMIT_MS);

/** vicodec takes no smaller pictures. It works on blocks of 16 lines: 368 of them, of which 360 are to be seen. */
const [WIDTH, HEIGHT] = [640, 360];
/** What encoding and decoding may change a sample by, on average. */
const MOST_DIFFERENCE = 3;

/** A picture that is not like any other: a slope, whose start the number shifts. */
const luma = (number: number, x: number, y: number): number => (x + y + 40 * number) & 0xff;

function fillPlanar(plane: Uint8Array, number: number, stride: number): void {
  plane.fill(128); // no colour
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) plane[y * stride + x] = luma(number, x, y);
  }
}

/** Devices that make pictures of pictures: vim2m converts, vicodec encodes. */
export function checkCodecs(): void {
  describe('A converter', () => {
    const options = {
      source: { fourcc: 'RGB3', width: 64, height: 48 },
      result: { fourcc: 'RGB3' },
    };
    /** A picture of one colour, with a time of its own. */
    const put = (session: M2mSession, number: number): void => {
      const outcome = session.put(([plane]) => void plane!.fill(number), number * 1_000_001);
      assert.equal(outcome, 'put');
    };
    before(() => execFileSync('modprobe', ['vim2m']));
    after(() => execFileSync('modprobe', ['-r', 'vim2m']));

    test('gives a picture for each, in order, with its time', async () => {
      await using device = await V4l2Device.open(nodeNamed('vim2m'));
      await using session = await M2mSession.open(device, options);
      for (const number of [1, 2]) put(session, number);
      for (const number of [1, 2]) {
        using picture = await session.take(limit());
        assert.equal(picture?.timestampUs, number * 1_000_001);
        assert.deepEqual(new Set(picture.bytes), new Set([number]));
        assert.equal(picture.bytes.length, 64 * 48 * 3);
      }
    });

    test('has no room while it has nowhere to put its results', async () => {
      await using device = await V4l2Device.open(nodeNamed('vim2m'));
      await using session = await M2mSession.open(device, options);
      for (const number of [1, 2]) put(session, number);
      const [first] = [await session.take(limit()), await session.take(limit())];
      for (const number of [3, 4]) put(session, number);
      assert.equal(
        session.put(() => assert.fail('there is no room')),
        'full',
      );
      first?.[Symbol.dispose]();
      assert.equal((await session.take(limit()))?.bytes[0], 3);
    });

    test('ends when as many pictures came out as went in, as it has no command to drain', async () => {
      await using device = await V4l2Device.open(nodeNamed('vim2m'));
      await using session = await M2mSession.open(device, options);
      put(session, 1);
      await session.finish();
      assert.throws(() => session.put(() => undefined), { code: 'conflict' });
      assert.equal((await session.take(limit()))?.bytes[0], 1);
      assert.equal(await session.take(limit()), undefined);
      assert.equal(await session.take(limit()), undefined);
    });

    test('tells that a wait is in vain when it is empty and nobody gave its results back', async () => {
      await using device = await V4l2Device.open(nodeNamed('vim2m'));
      await using session = await M2mSession.open(device, options);
      for (const number of [1, 2]) put(session, number);
      const [first, second] = [await session.take(limit()), await session.take(limit())];
      const mistake = (): never => {
        throw new Error('a mistake');
      };
      assert.throws(() => session.put(mistake), /a mistake/); // no picture has gone in
      await assert.rejects(session.take(limit()), { code: 'conflict', message: /nobody disposed of the results/ });
      first?.[Symbol.dispose]();
      second?.[Symbol.dispose]();
      put(session, 3);
      assert.equal((await session.take(limit()))?.bytes[0], 3);
    });

    test('ends a wait with what the signal says, and goes on', async () => {
      await using device = await V4l2Device.open(nodeNamed('vim2m'));
      await using session = await M2mSession.open(device, options);
      await assert.rejects(session.take(AbortSignal.abort(new Error('enough'))), /enough/);
      const controller = new AbortController();
      const waiting = session.take(controller.signal);
      controller.abort(new Error('enough'));
      await assert.rejects(waiting, /enough/);
      session.put(([plane]) => void plane!.fill(9));
      assert.equal((await session.take(limit()))?.bytes[0], 9);
    });

    test('gives all back when it is disposed of under way', async () => {
      await using device = await V4l2Device.open(nodeNamed('vim2m'));
      const descriptors = openDescriptors();
      const session = await M2mSession.open(device, options);
      session.put(([plane]) => void plane!.fill(1));
      const picture = await session.take(limit());
      const waiting = assert.rejects(session.take(limit()));
      await session[Symbol.asyncDispose]();
      await waiting;
      assert.equal(picture?.bytes.length, 0);
      picture[Symbol.dispose]();
      assert.equal(openDescriptors(), descriptors);
    });

    test('refuses a format that it does not have', async () => {
      await using device = await V4l2Device.open(nodeNamed('vim2m'));
      await assert.rejects(M2mSession.open(device, { ...options, result: { fourcc: 'JPEG' } }), {
        code: 'unsupported',
        message: /Cannot make JPEG of RGB3 with .*vim2m.* it has no JPEG/,
      });
    });

    test('throws device_lost from a wait when it is pulled out', async () => {
      await using device = await V4l2Device.open(nodeNamed('vim2m'));
      await using session = await M2mSession.open(device, options);
      const waiting = session.take(limit());
      writeFileSync('/sys/bus/platform/drivers/vim2m/unbind', 'vim2m.0');
      await assert.rejects(waiting, { code: 'device_lost' });
      assert.throws(() => session.put(() => undefined), { code: 'device_lost' });
    });
  });

  for (const multiPlanar of [0, 1]) {
    describe(`An encoder, ${multiPlanar ? 'multi' : 'single'}-planar`, () => {
      before(() => execFileSync('modprobe', ['vicodec', `multiplanar=${multiPlanar}`]));
      after(() => execFileSync('modprobe', ['-r', 'vicodec']));

      test('codes pictures that the decoder of the kernel decodes, and drains', async () => {
        await using device = await V4l2Device.open(nodeNamed('stateful-encoder'));
        await using events = await EventQueue.open(device, [{ type: 'eos' }]);
        const source = { fourcc: 'YU12', width: WIDTH, height: HEIGHT };
        await using session = await M2mSession.open(device, { source, result: { fourcc: 'FWHT' }, buffers: 3 });
        const { sourceFormat } = session;
        const output = multiPlanar ? 'video_output_mplane' : 'video_output';
        assert.deepEqual(await getSelection(device, output, 'crop'), { left: 0, top: 0, width: WIDTH, height: HEIGHT });

        const coded: Uint8Array[] = [];
        for (const number of [0, 1, 2]) {
          session.put(([plane]) => void fillPlanar(plane!, number, sourceFormat.bytesPerLine), number + 1);
        }
        await session.finish();
        for (const number of [0, 1, 2]) {
          using picture = await session.take(limit());
          assert.ok(picture !== undefined && !picture.damaged);
          assert.equal(picture.timestampUs, number + 1);
          coded.push(Uint8Array.from(picture.bytes));
        }
        assert.equal(await session.take(limit()), undefined);
        assert.equal(events.next()?.type, 'eos');
        assertDecodes(coded);
      });
    });
  }
}

function assertDecodes(coded: readonly Uint8Array[]): void {
  writeFileSync('/tmp/coded.fwht', Buffer.concat(coded));
  const input = ['-x', `width=${WIDTH},height=${HEIGHT},pixelformat=FWHT`, '-v', 'pixelformat=YU12'];
  const files = ['--stream-from=/tmp/coded.fwht', '--stream-to=/tmp/decoded.yuv'];
  const decoder = nodeNamed('stateful-decoder');
  execFileSync('v4l2-ctl', ['-d', decoder, ...input, '--stream-mmap', '--stream-out-mmap', ...files], {
    stdio: 'ignore',
    timeout: LIMIT_MS,
  });
  const decoded = readFileSync('/tmp/decoded.yuv');
  const pictureBytes = (WIDTH * HEIGHT * 3) / 2; // without the lines that are there to fill a block
  assert.equal(decoded.length, coded.length * pictureBytes);
  for (const number of coded.keys()) {
    let difference = 0;
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const shown = decoded[number * pictureBytes + y * WIDTH + x]!;
        difference += Math.abs(shown - luma(number, x, y));
      }
    }
    const mean = difference / (WIDTH * HEIGHT);
    assert.ok(mean < MOST_DIFFERENCE, `picture ${number} differs by ${mean.toFixed(2)} a sample`);
  }
}

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { SILENT } from '../../../../src/base/logger.ts';
import { openV4l2Source } from '../../../../src/capture/v4l2/v4l2-source.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { frameSourceContract } from '../../../support/frame-source-contract.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { until } from '../../../support/simulated-camera.ts';
import { forever, openSource, readUntil } from './opened-source.ts';
import { openDescriptors } from './process-holdings.ts';
import type { PluggedCamera } from './usb-camera.ts';

/** The `v4l2` source with a camera that is well. */
export function checkSource(usb: PluggedCamera): void {
  for (const [width, height] of [
    [640, 480],
    [1280, 720],
  ] as const) {
    frameSourceContract(
      `v4l2 at ${width}x${height}`,
      (arena) =>
        openV4l2Source({ path: usb.path, width, height, fps: 30 }, { arena, clock: SYSTEM_CLOCK, logger: SILENT }),
      { frames: width === 640 ? 110 : 40, restarts: true },
    );
  }

  describe('The v4l2 source with a healthy camera', () => {
    test('stamps frames with the kernel time of their capture', async (t) => {
      const arena = new FrameArena(16e6);
      await using source = await openSource(usb, {}, arena);
      const times: number[] = [];
      for await (const frame of source.frames(forever())) {
        const ageUs = SYSTEM_CLOCK.now() - frame.capturedAt;
        assert.ok(ageUs > 0 && ageUs < 1e6, `a frame ${ageUs} us old`);
        times.push(frame.capturedAt);
        frame.release();
        if (times.length === 60) break;
      }
      const steps = times
        .slice(1)
        .map((time, i) => time - times[i]!)
        .sort((a, b) => a - b);
      const median = steps[steps.length >> 1]!;
      t.diagnostic(`median step ${median} us, counts ${JSON.stringify(source.counts)}`);
      // A thirtieth of a second; a machine under load sends them later, never sooner.
      assert.ok(median > 28_000 && median < 100_000, `median step ${median} us`);
    });

    test('takes the largest size within the wanted one and the nearest rate, and says so', async () => {
      const warnings = new LogCollector();
      await using source = await openSource(usb, { width: 1000, height: 700, fps: 14 }, new FrameArena(16e6), warnings);
      const { width, height, fps } = source.about;
      assert.deepEqual({ width, height, fps }, { width: 640, height: 480, fps: 15 });
      const [line] = warnings.of('camera_opened');
      assert.equal(line?.level, 'warn');
      assert.match(String(line?.fields['why']), /largest size within 1000x700/);
      assert.equal((await readUntil(source, 3)).frames, 3);
    });

    test('sets controls, and warns of a value that the camera changed and of a control that it lacks', async () => {
      const warnings = new LogCollector();
      await using _ = await openSource(
        usb,
        { controls: { brightness: 9999, zoom: 1 } },
        new FrameArena(16e6),
        warnings,
      );
      assert.deepEqual(warnings.of('control_adjusted')[0]?.fields, { control: 'brightness', wanted: 9999, given: 255 });
      assert.match(String(warnings.of('control_not_set')[0]?.fields['error']), /"zoom"\. It has: brightness$/);
    });

    test('leaves the device to others once disposed of', async () => {
      const source = await openSource(usb);
      await readUntil(source, 5);
      await source[Symbol.asyncDispose]();
      execFileSync('v4l2-ctl', ['-d', usb.path, '--stream-mmap', '--stream-count=3', '--stream-to=/dev/null'], {
        stdio: 'ignore',
        timeout: 20_000,
      });
    });

    test('keeps going under garbage collection', async () => {
      const { gc } = globalThis;
      assert.ok(gc, 'run with --expose-gc');
      const collecting = setInterval(() => gc(), 200);
      try {
        await using source = await openSource(usb);
        assert.equal((await readUntil(source, 60)).frames, 60);
      } finally {
        clearInterval(collecting);
      }
    });

    test('gives the freshest frame after the event loop was blocked, and counts the others', async () => {
      await using source = await openSource(usb);
      await readUntil(source, 30, (number) => {
        if (number === 10) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      });
      assert.ok(source.counts.dropped.of('stale') >= 3, JSON.stringify(source.counts));
      assert.ok(source.counts.gaps > 0, JSON.stringify(source.counts));
    });

    test('drops frames, and lives, while the arena is full', async () => {
      const arena = new FrameArena(4e6);
      await using source = await openSource(usb, {}, arena);
      let count = 0;
      for await (const frame of source.frames(forever())) {
        count += 1;
        if (count === 2) {
          const rest = arena.take(arena.capBytes - arena.usedBytes);
          assert.ok(rest);
          await until('a frame without room', () => source.counts.dropped.of('arena_full') > 2);
          rest.free();
        }
        frame.release();
        if (count === 10) break;
      }
      assert.equal(arena.usedBytes, 0);
    });
  });

  describe('The v4l2 source refuses', () => {
    test('a path that is not there, naming the devices that are', async () => {
      await assert.rejects(openSource(usb, { path: '/dev/video77' }), { code: 'not_found', message: /UVC Camera/ });
    });

    test('a device that is no camera', async () => {
      await assert.rejects(openSource(usb, { path: '/dev/null' }), {
        code: 'unsupported',
        message: /major 1, not a video device/,
      });
    });

    test('a video device that captures no video, naming the others', async () => {
      await assert.rejects(openSource(usb, { path: usb.metadataPath }), {
        code: 'unsupported',
        message: /does not capture video: received \["metadata_capture"\].*\/dev\/video0 \(.*UVC Camera/,
      });
    });

    test('a format that the camera lacks, with what it offers', async () => {
      await assert.rejects(openSource(usb, { format: 'YUYV' }), {
        code: 'unsupported',
        message: /in the format YUYV.*It offers: MJPG 640x480/,
      });
    });

    test('a camera in use, naming the program that has it', async () => {
      const other = spawn('v4l2-ctl', ['-d', usb.path, '--stream-mmap', '--stream-to=/dev/null'], { stdio: 'ignore' });
      const ended = once(other, 'exit');
      try {
        await until('v4l2-ctl to stream', () => holdsVideoMemory(other));
        const descriptors = openDescriptors();
        await assert.rejects(openSource(usb), {
          code: 'device_busy',
          message: new RegExp(`v4l2-ctl \\(pid ${other.pid}\\)`),
        });
        assert.equal(openDescriptors(), descriptors);
      } finally {
        other.kill();
        await ended;
      }
    });
  });
}

/** It has mapped the camera's buffers, so the queue is taken. */
function holdsVideoMemory(child: ChildProcess): boolean {
  try {
    return readFileSync(`/proc/${child.pid}/maps`, 'utf8').includes('/dev/video');
  } catch {
    return false; // not there yet, or not any more
  }
}

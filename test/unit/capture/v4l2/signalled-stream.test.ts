import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError } from '../../../../src/base/errors.ts';
import { ResourceStack } from '../../../../src/base/resource-stack.ts';
import { monoUs } from '../../../../src/base/units.ts';
import { CameraSource } from '../../../../src/capture/v4l2/camera-source.ts';
import { signalledStream } from '../../../../src/capture/v4l2/signalled-stream.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import type { V4l2Event } from '../../../../src/v4l2/event.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { ScriptedCamera } from '../../../support/scripted-camera.ts';

const change = (resolution: boolean): V4l2Event => ({
  type: 'source_change',
  at: monoUs(0),
  lost: 0,
  input: 0,
  resolution,
});

/** Events that a test sends; `listening`: how many wait for them. */
class ScriptedEvents {
  listening = 0;
  #next = Promise.withResolvers<V4l2Event>();

  async *events(signal: AbortSignal): AsyncGenerator<V4l2Event, void, undefined> {
    const over = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
    this.listening += 1;
    try {
      for (;;) {
        const event = await Promise.race([this.#next.promise, over]);
        if (event === undefined) return;
        this.#next = Promise.withResolvers();
        yield event;
      }
    } finally {
      this.listening -= 1;
    }
  }

  send(event: V4l2Event): void {
    this.#next.resolve(event);
  }

  fail(error: CamboxError): void {
    this.#next.reject(error);
    this.#next = Promise.withResolvers();
  }
}

/** A receiver whose frames are being read. */
function receiver() {
  const clock = new FakeClock();
  const camera = new ScriptedCamera(clock);
  const events = new ScriptedEvents();
  const about = { kind: 'v4l2', source: '/dev/scripted', width: 64, height: 48, fps: 30 } as const;
  const stream = signalledStream(camera, events, about.source);
  const deps = { arena: new FrameArena(1_000_000), clock, logger: new LogCollector() };
  const source = new CameraSource(about, stream, deps, new ResourceStack());
  const reading = { frames: 0, code: undefined as string | undefined };
  const read = async (): Promise<void> => {
    reading.code = undefined;
    try {
      for await (const frame of source.frames(new AbortController().signal)) {
        reading.frames += 1;
        frame.release();
      }
    } catch (thrown) {
      reading.code = (thrown as CamboxError).code;
    }
  };
  void read();
  return { clock, camera, events, source, reading, read };
}

test('a stream ends with signal_changed when another signal comes in, and leaves nothing behind', async () => {
  const { clock, camera, events, source, reading } = receiver();
  await clock.advance(500);
  events.send(change(false)); // something else about the source
  await clock.advance(500);
  assert.equal(reading.code, undefined);
  assert.ok(reading.frames > 20, `${reading.frames} frames`);
  events.send(change(true));
  await clock.advance(10);
  assert.equal(reading.code, 'signal_changed');
  await source[Symbol.asyncDispose]();
  assert.deepEqual([camera.leftovers, events.listening, clock.pendingTimers], [[], 0, 0]);
});

test('a stream ends with what ends its events, and listens to them again after a restart', async () => {
  const { clock, events, source, reading, read } = receiver();
  await clock.advance(100);
  events.fail(new CamboxError('device_failed', { verb: 'take', thing: 'an event', reason: 'the test says so' }));
  await clock.advance(10);
  assert.deepEqual([reading.code, events.listening], ['device_failed', 0]);
  await source.restart();
  void read();
  await clock.advance(500);
  assert.deepEqual([reading.code, events.listening], [undefined, 1]);
  await source[Symbol.asyncDispose]();
  await clock.advance(10);
  assert.equal(events.listening, 0);
});

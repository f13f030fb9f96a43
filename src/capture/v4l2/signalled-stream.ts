import { CamboxError } from '../../base/errors.ts';
import type { V4l2Device } from '../../v4l2/device.ts';
import { EventQueue } from '../../v4l2/event-queue.ts';
import type { CaptureStream } from './capture-stream.ts';
import type { FollowedSignal } from './follow-signal.ts';

/** Undefined where the driver does not tell of changes: then one shows as a stream that gives nothing. */
export function openSignalEvents(device: V4l2Device, { input }: FollowedSignal): Promise<EventQueue | undefined> {
  return EventQueue.open(device, [{ type: 'source_change', input }]).catch((thrown: unknown) => {
    if (thrown instanceof CamboxError && thrown.code === 'unsupported') return undefined;
    throw thrown;
  });
}

/**
 * The stream of a receiver, which breaks with `signal_changed` when another signal comes in, or none: the buffers are of
 * the size of the one before. `events`: tells of changes of the source alone.
 */
export function signalledStream(
  stream: CaptureStream,
  events: Pick<EventQueue, 'events'>,
  path: string,
): CaptureStream {
  return {
    bufferCount: stream.bufferCount,
    start: () => stream.start(),
    stop: () => stream.stop(),
    dequeue: () => stream.dequeue(),
    requeue: (index) => stream.requeue(index),
    explain: (fault) => stream.explain(fault),
    watch: (handler) => {
      const over = new AbortController();
      const watch = stream.watch(handler);
      void nextChange(events, over.signal, path).then((error) => {
        if (error !== undefined && !over.signal.aborted) handler.broke(error);
      });
      return {
        [Symbol.dispose]: () => {
          over.abort();
          watch[Symbol.dispose]();
        },
      };
    },
  };
}

/** Why the stream is over; undefined when nobody waits any more. Never throws. */
async function nextChange(events: Pick<EventQueue, 'events'>, signal: AbortSignal, path: string): Promise<unknown> {
  try {
    for await (const event of events.events(signal)) {
      if (event.type !== 'source_change' || !event.resolution) continue;
      const reason = 'another signal comes in, or none';
      return new CamboxError('signal_changed', { verb: 'capture from', thing: path, reason });
    }
    return undefined;
  } catch (thrown) {
    return thrown; // an unplugged device ends its events, too
  }
}

import type { CapturedBuffer } from '../../../../src/v4l2/captured-buffer.ts';
import type { MmapStream } from '../../../../src/v4l2/streaming.ts';

/** What a driver gave, with copies of its planes. */
export type CapturedPicture = Omit<CapturedBuffer, 'bytes' | 'index'>;

/** The next pictures of a stream that runs, in order. Rejects with what the stream ends with. */
export function capture(
  stream: MmapStream,
  count: number,
  onPicture: (number: number) => void = () => undefined,
): Promise<CapturedPicture[]> {
  const { promise, resolve, reject } = Promise.withResolvers<CapturedPicture[]>();
  const pictures: CapturedPicture[] = [];
  const drain = (): void => {
    while (pictures.length < count) {
      const outcome = stream.dequeue();
      if (outcome === 'empty') return;
      if ('errno' in outcome) throw stream.explain(outcome);
      const { bytes: _, index, planes, ...rest } = outcome;
      pictures.push({ ...rest, planes: planes.map((plane) => Uint8Array.from(plane)) });
      const errno = stream.requeue(index);
      if (errno !== 0) throw stream.explain({ errno });
      onPicture(pictures.length);
    }
    resolve(pictures);
  };
  const watch = stream.watch({
    readable: drain,
    broke(thrown) {
      if (thrown !== undefined) return reject(thrown);
      try {
        drain(); // the device tells why
        reject(new Error('the stream broke, and the device does not tell why'));
      } catch (failure) {
        reject(failure);
      }
    },
  });
  return promise.finally(() => watch[Symbol.dispose]());
}

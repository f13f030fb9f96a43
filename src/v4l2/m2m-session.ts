import { CamboxError } from '../base/errors.ts';
import { ResourceStack } from '../base/resource-stack.ts';
import { EPIPE } from '../native/errno.ts';
import type { ReadinessWait } from '../native/readiness-wait.ts';
import { BufferQueue, type StreamFault } from './buffer-queue.ts';
import { captureType, outputType } from './buffer-type.ts';
import type { CapturedBuffer } from './captured-buffer.ts';
import type { V4l2Device } from './device.ts';
import { sendDrainCommand } from './drain-command.ts';
import { errnoError } from './errors.ts';
import type { Format } from './format.ts';
import { type M2mFormats, negotiateM2m } from './m2m-formats.ts';
import { explainFault } from './streaming.ts';

export interface M2mOptions extends M2mFormats {
  /** Of each of the two queues; the driver may give more. */
  readonly buffers?: number | undefined;
}

const DEFAULT_BUFFERS = 2;

/**
 * Writes a picture into the memory of the device, a view per plane (`sourceFormat.planes`: mind `bytesPerLine`).
 * Returns how much of each plane is filled; nothing, as for all raw formats, means all.
 */
export type FillSource = (planes: readonly Uint8Array[]) => readonly number[] | undefined;

/** A finished picture, in the memory of the device. Disposing gives that back: look at no view of it after. */
export interface M2mResult
  extends Pick<CapturedBuffer, 'bytes' | 'planes' | 'damaged' | 'sequence' | 'timestampUs' | 'keyFrame'>,
    Disposable {}

/**
 * A device that makes pictures of pictures (mem-to-mem): a JPEG encoder, a scaler, an FWHT codec. It has two queues,
 * which V4L2 names from the device's view: what goes in is its "output", what comes out its "capture"; here they are
 * source and result. (Documentation/userspace-api/media/v4l/dev-encoder.rst)
 *
 *     await using session = await M2mSession.open(device, { source: { fourcc: 'YUYV', width, height }, result: { fourcc: 'JPEG' } });
 *     session.put((planes) => void planes[0].set(picture), capturedAt);
 *     using jpeg = await session.take();
 *
 * Not for decoders of streams that tell their size only in their data.
 */
export class M2mSession implements AsyncDisposable {
  readonly sourceFormat: Format;
  readonly resultFormat: Format;
  readonly #device: V4l2Device;
  readonly #sources: BufferQueue;
  readonly #results: BufferQueue;
  readonly #wait: ReadinessWait;
  readonly #closers: ResourceStack;
  /** Source buffers that are ours. */
  readonly #free: number[];
  #inside = 0;
  #fault: StreamFault | undefined;
  /** `counted`: nothing comes any more when as many have come out as went in. */
  #end: 'open' | 'marked' | 'counted' | 'reached' = 'open';

  private constructor(
    device: V4l2Device,
    [sourceFormat, resultFormat]: readonly [Format, Format],
    [sources, results]: readonly [BufferQueue, BufferQueue],
    wait: ReadinessWait,
    closers: ResourceStack,
  ) {
    this.#device = device;
    this.sourceFormat = sourceFormat;
    this.resultFormat = resultFormat;
    this.#sources = sources;
    this.#results = results;
    this.#wait = wait;
    this.#closers = closers;
    this.#free = Array.from({ length: sources.count }, (_, index) => index);
  }

  /**
   * Set both formats and start. Look at `sourceFormat`: the driver may want lines or planes laid out otherwise, and a
   * larger picture, of which only the size asked for counts. Throws `unsupported` (another format, no such device),
   * `device_busy`, `device_failed`. The device must outlive the session.
   */
  static async open(device: V4l2Device, options: M2mOptions): Promise<M2mSession> {
    await using opening = new ResourceStack();
    const formats = await negotiateM2m(device, options);
    const count = options.buffers ?? DEFAULT_BUFFERS;
    const sources = opening.use(await BufferQueue.open(device, outputType(device.capabilities), count));
    const results = opening.use(await BufferQueue.open(device, captureType(device.capabilities), count));
    const wait = opening.use(device.waiter());
    for (let index = 0; index < results.count; index++) {
      const errno = results.queue(index);
      if (errno !== 0) throw errnoError('queue a buffer of', device.path, errno);
    }
    await sources.start();
    await results.start();
    return new M2mSession(device, formats, [sources, results], wait, opening.move());
  }

  /**
   * Put a picture in. Its time comes out with what is made of it (`timestampUs`). `full`: all source buffers are still
   * in use, and `fill` was not called; take a result first. Throws `device_lost`, `device_failed`, `conflict` (after
   * `finish`).
   */
  put(fill: FillSource, timestampUs = 0): 'put' | 'full' {
    this.#throwFault();
    if (this.#end !== 'open') throw this.#conflict('put a picture into', 'it has been told that no more come');
    this.#reclaim();
    const index = this.#free.pop();
    if (index === undefined) return 'full';
    try {
      const used = fill(this.#sources.planesOf(index)) ?? this.sourceFormat.planes.map(({ imageBytes }) => imageBytes);
      const errno = this.#sources.queueFilled(index, used, timestampUs);
      if (errno !== 0) throw explainFault(this.#device, 'put a picture into', { errno });
    } catch (thrown) {
      this.#free.push(index);
      throw thrown;
    }
    this.#inside += 1;
    return 'put';
  }

  /**
   * The next result, once it is ready; undefined when all came after `finish`. Without `finish` it waits for whatever
   * somebody puts in: give it a signal. Throws `device_lost`, `device_failed`, and what the signal says.
   */
  async take(signal?: AbortSignal): Promise<M2mResult | undefined> {
    for (;;) {
      this.#throwFault();
      if (this.#end === 'reached') return undefined;
      const outcome = this.#results.dequeue();
      if (outcome === 'empty') {
        if (this.#end === 'counted' && this.#inside === 0) return undefined;
        await this.#untilReadable(signal);
      } else if ('errno' in outcome) {
        if (outcome.errno !== EPIPE) throw explainFault(this.#device, 'take a picture from', outcome);
        this.#end = 'reached'; // EPIPE: the last has been taken
      } else {
        this.#inside = Math.max(0, this.#inside - 1);
        if (outcome.last) this.#end = 'reached';
        if (!outcome.last || outcome.bytes.length > 0) return this.#result(outcome);
      }
    }
  }

  /** No more pictures go in. What is still inside comes out by `take`. */
  async finish(): Promise<void> {
    if (this.#end !== 'open') return;
    this.#end = (await sendDrainCommand(this.#device)) ? 'marked' : 'counted';
  }

  /** Stop and give all memory back; a `take` under way fails. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closers[Symbol.asyncDispose]();
  }

  #result({ index, bytes, planes, damaged, sequence, timestampUs, keyFrame }: CapturedBuffer): M2mResult {
    let isOurs = true;
    return {
      bytes,
      planes,
      damaged,
      sequence,
      timestampUs,
      keyFrame,
      [Symbol.dispose]: () => {
        if (!isOurs || this.#wait.disposed) return;
        isOurs = false;
        const errno = this.#results.queue(index);
        if (errno !== 0) this.#fault ??= { errno }; // told by the next call
      },
    };
  }

  /** Take back the source buffers that the device is done with. */
  #reclaim(): void {
    for (;;) {
      const outcome = this.#sources.dequeue();
      if (outcome === 'empty') return;
      if ('errno' in outcome) throw explainFault(this.#device, 'put a picture into', outcome);
      this.#free.push(outcome.index);
    }
  }

  async #untilReadable(signal: AbortSignal | undefined): Promise<void> {
    const { broken, readable } = await this.#wait.wait({ readable: true }, signal);
    if (!broken || readable) return;
    if (this.#wait.disposed) throw this.#conflict('take a picture from', 'it was disposed of');
    if (this.#device.isGone()) return; // the next call tells
    // POLLERR of a mem-to-mem device also stands for "no buffer in either queue".
    throw this.#conflict('take a picture from', 'it failed, or nobody disposed of the results taken before');
  }

  #throwFault(): void {
    if (this.#fault !== undefined) throw explainFault(this.#device, 'give a buffer back to', this.#fault);
  }

  #conflict(verb: string, reason: string): CamboxError {
    return new CamboxError('conflict', { verb, thing: this.#device.path, reason });
  }
}

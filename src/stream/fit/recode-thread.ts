import { Worker } from 'node:worker_threads';
import type { JpegLayout } from '../../jpeg/layout.ts';
import type { RecodeFault } from '../../jpeg/recode/faults.ts';
import type { RecodePlan } from '../../jpeg/recode/plan-recode.ts';

/** A picture on its way to the thread. The bytes are transferred: nobody else has them meanwhile. */
export interface RecodeJob {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly layout: JpegLayout;
  readonly plan: RecodePlan;
}

export interface RecodeDone {
  readonly id: number;
  readonly result: Uint8Array<ArrayBuffer> | RecodeFault;
}

type OnDone = (result: Uint8Array | RecodeFault | 'thread_failed') => void;

/** From a checkout the worker is TypeScript; the bundle has it beside itself. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './recode-worker.ts' : './recode-worker.mjs', import.meta.url);

/** Re-codes pictures in a thread of its own, in their order. Started at the first picture. */
export class RecodeThread implements AsyncDisposable {
  readonly #waiting = new Map<number, OnDone>();
  #worker: Worker | undefined;
  #nextId = 0;

  /** Copies the picture; `onDone` is called once, in a later turn of the event loop or when the thread is closed. */
  recode(bytes: Uint8Array, layout: JpegLayout, plan: RecodePlan, onDone: OnDone): void {
    const id = this.#nextId++;
    const copy = new Uint8Array(bytes); // out of the arena, whose memory cannot be transferred
    this.#waiting.set(id, onDone);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, bytes: copy, layout, plan } satisfies RecodeJob, [copy.buffer]);
  }

  #start(): Worker {
    const worker = new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 } });
    worker.unref(); // it must not keep the process alive
    worker.on('message', ({ id, result }: RecodeDone) => {
      const onDone = this.#waiting.get(id);
      this.#waiting.delete(id);
      onDone?.(result);
    });
    worker.on('error', () => this.#fail(worker)); // a new one is started for the next picture
    worker.on('exit', () => this.#fail(worker));
    return worker;
  }

  /** All pictures that wait are at the newest worker: one before it, which ends after its error, has none of them. */
  #fail(worker: Worker): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const onDone of waiting) onDone('thread_failed');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    await worker.terminate();
    this.#fail(worker);
  }
}

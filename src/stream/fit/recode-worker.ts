import { parentPort } from 'node:worker_threads';
import { recodeJpeg } from '../../jpeg/recode/recode-jpeg.ts';
import type { RecodeDone, RecodeJob } from './recode-thread.ts';

/** The thread behind RecodeThread: one picture after the other. */

/** Reused from picture to picture; grows to the largest. */
let out = new Uint8Array(0);

parentPort?.on('message', ({ id, bytes, layout, plan }: RecodeJob) => {
  if (out.length < plan.capacityBytes) out = new Uint8Array(plan.capacityBytes);
  const length = recodeJpeg(bytes, layout, plan, out);
  if (typeof length === 'string') {
    parentPort?.postMessage({ id, result: length } satisfies RecodeDone);
    return;
  }
  const result = out.slice(0, length);
  parentPort?.postMessage({ id, result } satisfies RecodeDone, [result.buffer]);
});

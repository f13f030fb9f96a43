import { parentPort } from 'node:worker_threads';
import type { JpegLayout } from '../../jpeg/layout.ts';
import type { RecodeFault } from '../../jpeg/recode/faults.ts';
import { type RecodePlan, recodeRooms } from '../../jpeg/recode/plan-recode.ts';
import { recodeJpeg } from '../../jpeg/recode/recode-jpeg.ts';
import type { RecodeDone, RecodeJob } from './recode-thread.ts';

/** The thread behind RecodeThread: one picture after the other. */

/** Reused from picture to picture; grows to the largest. */
let out = new Uint8Array(0);

parentPort?.on('message', ({ id, bytes, layout, plan }: RecodeJob) => {
  const length = recode(bytes, layout, plan);
  if (typeof length === 'string') {
    parentPort?.postMessage({ id, result: length } satisfies RecodeDone);
    return;
  }
  const result = out.slice(0, length);
  parentPort?.postMessage({ id, result } satisfies RecodeDone, [result.buffer]);
});

/** Into `out`. Returns the length, or why there is none. */
function recode(bytes: Uint8Array, layout: JpegLayout, plan: RecodePlan): number | RecodeFault {
  for (const roomBytes of recodeRooms(plan)) {
    if (out.length < roomBytes) out = new Uint8Array(roomBytes);
    const length = recodeJpeg(bytes, layout, plan, out);
    if (length !== 'output_full') return length;
  }
  return 'output_full';
}

import { baselineHeaders } from '../baseline-headers.ts';
import type { JpegLayout } from '../layout.ts';
import type { RecodeFault } from './faults.ts';
import { recodeInOrder } from './in-order.ts';
import type { RecodePlan } from './plan-recode.ts';
import { planeCoders } from './plane-coder.ts';
import { Regrouping } from './regrouping.ts';
import { ScanWriter } from './scan-writer.ts';

const SOI_BYTES = 2;
const DRI = 0xdd;
const EOI = 0xd9;
const QUANT_TABLE_BYTES = 64;

/**
 * Code a JPEG anew without loss, as planned: same coefficients and quantisation tables, standard Huffman tables, and the
 * scan that RFC 2435 §3 can carry. The new picture is complete but for the segments that RTP has no use for (APPn, COM).
 *
 * @param bytes the picture that `layout` describes; it may lie in shared memory
 * @param plan what planRecode made of the same two
 * @param out where to write; of `plan.capacityBytes`, or more after `output_full`. What it holds is of no use then
 * @returns the length of the new picture, from the start of `out`, or why there is none. Never throws, whatever the
 *   bytes; the time it takes is bounded by their number
 */
export function recodeJpeg(
  bytes: Uint8Array,
  layout: JpegLayout,
  plan: RecodePlan,
  out: Uint8Array,
): number | RecodeFault {
  const planes = planeCoders(bytes, layout);
  if (typeof planes === 'string') return planes;
  const headers = recodedHeaders(bytes, layout, plan);
  if (headers.length > out.length) return 'output_full';
  out.set(headers);
  const writer = new ScanWriter(out, headers.length);
  const fault = plan.isRegrouped
    ? new Regrouping(bytes, writer, planes, layout, plan.sampling === '4:2:0' ? 2 : 1).run()
    : recodeInOrder(bytes, writer, planes, layout, plan.restartInterval > 0);
  if (fault !== undefined) return fault;
  writer.putMarker(EOI);
  return writer.at;
}

function recodedHeaders(bytes: Uint8Array, layout: JpegLayout, plan: RecodePlan): Uint8Array {
  const { restartInterval, lumaTableAt, chromaTableAt } = plan;
  const headers = baselineHeaders({
    width: layout.width,
    height: layout.height,
    sampling: plan.sampling,
    luma: bytes.subarray(lumaTableAt, lumaTableAt + QUANT_TABLE_BYTES),
    chroma: bytes.subarray(chromaTableAt, chromaTableAt + QUANT_TABLE_BYTES),
  });
  if (restartInterval === 0) return headers;
  const dri = [0xff, DRI, 0, 4, restartInterval >> 8, restartInterval & 0xff];
  return Uint8Array.of(...headers.subarray(0, SOI_BYTES), ...dri, ...headers.subarray(SOI_BYTES));
}

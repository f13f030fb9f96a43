import type { JpegLayout } from '../layout.ts';
import { copyBlock, followDc } from './block.ts';
import type { RecodeFault } from './faults.ts';
import type { PlaneCoder } from './plane-coder.ts';
import { Restarts } from './restarts.ts';
import { ScanReader } from './scan-reader.ts';
import type { ScanWriter } from './scan-writer.ts';

const RST0 = 0xd0;

/** Code a scan anew whose blocks stay in their order; with `keepRestarts` also its restart markers. */
export function recodeInOrder(
  bytes: Uint8Array,
  writer: ScanWriter,
  planes: readonly PlaneCoder[],
  layout: JpegLayout,
  keepRestarts: boolean,
): RecodeFault | undefined {
  const { width, height, components, restartInterval, scanStart, scanEnd } = layout;
  const { h, v } = components[0]!;
  const mcus = Math.ceil(width / (8 * h)) * Math.ceil(height / (8 * v));
  const mcu = planes.flatMap((plane, i) => new Array<PlaneCoder>(components[i]!.h * components[i]!.v).fill(plane));
  const reader = new ScanReader(bytes, scanStart, scanEnd);
  const restarts = new Restarts(reader, planes, restartInterval);
  // Without the markers, the first difference of each interval is one to the block before it.
  const isDcChanged = restartInterval > 0 && !keepRestarts;
  for (let i = 0; i < mcus; i++) {
    const restart = restarts.beforeMcu();
    if (restart >= 0 && keepRestarts) writer.putMarker(RST0 + (restart & 7));
    for (const plane of mcu) {
      if (!writer.hasRoom()) return 'output_full';
      const first = isDcChanged ? followDc(reader, writer, plane) : 0;
      copyBlock(reader, writer, plane, first);
      if (!reader.isSound()) return reader.fault;
    }
  }
  return undefined;
}

import type { JpegEncoder } from '../jpeg-encoder.ts';

/** No hardware is looked for until the V4L2 binding has its class of mem-to-mem devices. */
export async function openM2mEncoder(): Promise<JpegEncoder | string> {
  return 'hardware is not looked for yet';
}

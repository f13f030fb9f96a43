/**
 * The structs of <linux/videodev2.h> as C declares them: only to prove, on the CPU we run on, the numbers by which the
 * rest of this folder reads and writes them. A member that starts with `_` stands for an anonymous union.
 */
import { koffi } from '../native/koffi.ts';
import { assertLayout, type StructLayout } from '../native/struct-layout.ts';
import {
  BUFFER,
  CAPABILITY,
  CONTROL,
  FMTDESC,
  FORMAT,
  FRMIVALENUM,
  FRMSIZEENUM,
  QUERY_EXT_CTRL,
  QUERYMENU,
  REQUESTBUFFERS,
  STREAMPARM,
} from './struct-layouts.ts';

const { array, pack, struct, union } = koffi;
const U8 = 'uint8_t';
const U32 = 'uint32_t';
const S32 = 'int32_t';
const S64 = 'int64_t';
const U64 = 'uint64_t';
const POINTER = 'void *';
const u8s = (count: number) => array(U8, count);
const u32s = (count: number) => array(U32, count);

const fract = () => struct({ numerator: U32, denominator: U32 });
const rect = () => struct({ left: S32, top: S32, width: U32, height: U32 });

const capability = () =>
  struct({
    driver: u8s(16),
    card: u8s(32),
    bus_info: u8s(32),
    version: U32,
    capabilities: U32,
    device_caps: U32,
    reserved: u32s(3),
  });

const fmtdesc = () =>
  struct({
    index: U32,
    type: U32,
    flags: U32,
    description: u8s(32),
    pixelformat: U32,
    mbus_code: U32,
    reserved: u32s(3),
  });

const frmsizeenum = () =>
  struct({
    index: U32,
    pixel_format: U32,
    type: U32,
    _anonymous: union({
      discrete: struct({ width: U32, height: U32 }),
      stepwise: struct({
        min_width: U32,
        max_width: U32,
        step_width: U32,
        min_height: U32,
        max_height: U32,
        step_height: U32,
      }),
    }),
    reserved: u32s(2),
  });

const frmivalenum = () =>
  struct({
    index: U32,
    pixel_format: U32,
    width: U32,
    height: U32,
    type: U32,
    _anonymous: union({ discrete: fract(), stepwise: struct({ min: fract(), max: fract(), step: fract() }) }),
    reserved: u32s(2),
  });

/**
 * Of the union's many members only these matter to the layout: struct v4l2_window holds pointers, which align the
 * union to 8 bytes.
 */
const format = () =>
  struct({
    type: U32,
    fmt: union({
      pix: struct({
        width: U32,
        height: U32,
        pixelformat: U32,
        field: U32,
        bytesperline: U32,
        sizeimage: U32,
        colorspace: U32,
        priv: U32,
        flags: U32,
        _anonymous: union({ ycbcr_enc: U32, hsv_enc: U32 }),
        quantization: U32,
        xfer_func: U32,
      }),
      win: struct({
        w: rect(),
        field: U32,
        chromakey: U32,
        clips: POINTER,
        clipcount: U32,
        bitmap: POINTER,
        global_alpha: U8,
      }),
      raw_data: u8s(200),
    }),
  });

const streamparm = () =>
  struct({
    type: U32,
    parm: union({
      capture: struct({
        capability: U32,
        capturemode: U32,
        timeperframe: fract(),
        extendedmode: U32,
        readbuffers: U32,
        reserved: u32s(4),
      }),
      raw_data: u8s(200),
    }),
  });

const requestbuffers = () =>
  struct({ count: U32, type: U32, memory: U32, capabilities: U32, flags: U8, reserved: u8s(3) });

const timecode = () =>
  struct({ type: U32, flags: U32, frames: U8, seconds: U8, minutes: U8, hours: U8, userbits: u8s(4) });

const buffer = () =>
  struct({
    index: U32,
    type: U32,
    bytesused: U32,
    flags: U32,
    field: U32,
    timestamp: struct({ tv_sec: 'long', tv_usec: 'long' }),
    timecode: timecode(),
    sequence: U32,
    memory: U32,
    m: union({ offset: U32, userptr: 'unsigned long', planes: POINTER, fd: S32 }),
    length: U32,
    reserved2: U32,
    _anonymous: union({ request_fd: S32, reserved: U32 }),
  });

const queryExtCtrl = () =>
  struct({
    id: U32,
    type: U32,
    name: u8s(32),
    minimum: S64,
    maximum: S64,
    step: U64,
    default_value: S64,
    flags: U32,
    elem_size: U32,
    elems: U32,
    nr_of_dims: U32,
    dims: u32s(4),
    reserved: u32s(32),
  });

/** Packed in C. */
const querymenu = () => pack({ id: U32, index: U32, _anonymous: union({ name: u8s(32), value: S64 }), reserved: U32 });

const control = () => struct({ id: U32, value: S32 });

const DECLARED: readonly (readonly [StructLayout, () => ReturnType<typeof struct>])[] = [
  [CAPABILITY, capability],
  [FMTDESC, fmtdesc],
  [FRMSIZEENUM, frmsizeenum],
  [FRMIVALENUM, frmivalenum],
  [FORMAT, format],
  [STREAMPARM, streamparm],
  [REQUESTBUFFERS, requestbuffers],
  [BUFFER, buffer],
  [QUERY_EXT_CTRL, queryExtCtrl],
  [QUERYMENU, querymenu],
  [CONTROL, control],
];

let checked = false;

/**
 * Compare every table of `struct-layouts.ts` with the C declarations here, by the layout rules of the CPU we run on;
 * at the first device opened, once, as declared types stay in memory for good. Throws `unsupported`.
 */
export function assertKernelLayouts(): void {
  if (checked) return;
  for (const [layout, declare] of DECLARED) assertLayout(layout, declare());
  checked = true;
}

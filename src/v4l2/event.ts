import { type MonoUs, monoUsFromTimeval } from '../base/units.ts';
import type { Control } from './control.ts';
import {
  V4L2_CTRL_TYPE_BITMASK,
  V4L2_CTRL_TYPE_INTEGER64,
  V4L2_EVENT_CTRL,
  V4L2_EVENT_CTRL_CH_FLAGS,
  V4L2_EVENT_CTRL_CH_RANGE,
  V4L2_EVENT_CTRL_CH_VALUE,
  V4L2_EVENT_EOS,
  V4L2_EVENT_FRAME_SYNC,
  V4L2_EVENT_SOURCE_CHANGE,
  V4L2_EVENT_SRC_CH_RESOLUTION,
  V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK,
  V4L2_EVENT_SUB_FL_SEND_INITIAL,
  V4L2_EVENT_VSYNC,
} from './kernel-constants.ts';
import { EVENT, EVENT_SUBSCRIPTION } from './struct-layouts.ts';

/** What to be told of. */
export type EventRequest =
  /** What comes in changes its size, or goes: stop, ask for the new size (or timings), start anew. */
  | { readonly type: 'source_change'; readonly input?: number }
  | {
      readonly type: 'control';
      readonly control: Pick<Control, 'id'>;
      /** Also how it stands now, at once. */
      readonly initial?: boolean;
      /** Also when it is this very device handle that changes it. */
      readonly own?: boolean;
    }
  /** A codec has put out its last picture. */
  | { readonly type: 'eos' }
  /** A picture begins to come in. */
  | { readonly type: 'frame_sync' }
  | { readonly type: 'vsync' };

interface EventAbout {
  readonly at: MonoUs;
  /** How many events before this one were lost, as nobody fetched them in time. */
  readonly lost: number;
}

export interface SourceChangeEvent extends EventAbout {
  readonly type: 'source_change';
  readonly input: number;
  /** It has, or may have, another size. */
  readonly resolution: boolean;
}

export interface ControlEvent extends EventAbout {
  readonly type: 'control';
  readonly id: number;
  readonly changed: readonly ('value' | 'flags' | 'range')[];
  /** Zero for controls whose value is a string or an array. */
  readonly value: number | bigint;
}

export interface FrameSyncEvent extends EventAbout {
  readonly type: 'frame_sync';
  /** The number of the picture that begins. */
  readonly sequence: number;
}

export interface PlainEvent extends EventAbout {
  readonly type: 'eos' | 'vsync';
}

export type V4l2Event = SourceChangeEvent | ControlEvent | FrameSyncEvent | PlainEvent;

const TYPES = {
  source_change: V4L2_EVENT_SOURCE_CHANGE,
  control: V4L2_EVENT_CTRL,
  eos: V4L2_EVENT_EOS,
  frame_sync: V4L2_EVENT_FRAME_SYNC,
  vsync: V4L2_EVENT_VSYNC,
} as const;

const CHANGES = [
  ['value', V4L2_EVENT_CTRL_CH_VALUE],
  ['flags', V4L2_EVENT_CTRL_CH_FLAGS],
  ['range', V4L2_EVENT_CTRL_CH_RANGE],
] as const;

/** A struct v4l2_event_subscription. */
export function encodeSubscription(request: EventRequest): Buffer {
  const { at } = EVENT_SUBSCRIPTION;
  const bytes = Buffer.alloc(EVENT_SUBSCRIPTION.size);
  bytes.writeUInt32LE(TYPES[request.type], at.type);
  if (request.type === 'source_change') bytes.writeUInt32LE(request.input ?? 0, at.id);
  if (request.type !== 'control') return bytes;
  const initial = request.initial === true ? V4L2_EVENT_SUB_FL_SEND_INITIAL : 0;
  const own = request.own === true ? V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK : 0;
  bytes.writeUInt32LE(request.control.id, at.id);
  bytes.writeUInt32LE(initial | own, at.flags);
  return bytes;
}

/** The number that the driver gave an event, modulo 2^32: those that were lost have one, too. */
export const eventSequence = (bytes: Buffer): number => bytes.readUInt32LE(EVENT.at.sequence);

/** Read a struct v4l2_event; undefined for a type that cannot be subscribed to here. */
export function readEvent(bytes: Buffer, lost: number): V4l2Event | undefined {
  const { at } = EVENT;
  const seconds = Number(bytes.readBigInt64LE(at['timestamp.tv_sec']));
  const nanoseconds = Number(bytes.readBigInt64LE(at['timestamp.tv_nsec']));
  const about: EventAbout = { at: monoUsFromTimeval(seconds, Math.floor(nanoseconds / 1000)), lost };
  switch (bytes.readUInt32LE(at.type)) {
    case V4L2_EVENT_SOURCE_CHANGE: {
      const resolution = (bytes.readUInt32LE(at['u.src_change.changes']) & V4L2_EVENT_SRC_CH_RESOLUTION) !== 0;
      return { type: 'source_change', ...about, input: bytes.readUInt32LE(at.id), resolution };
    }
    case V4L2_EVENT_CTRL: {
      const changes = bytes.readUInt32LE(at['u.ctrl.changes']);
      const changed = CHANGES.filter(([, bit]) => (changes & bit) !== 0).map(([name]) => name);
      return { type: 'control', ...about, id: bytes.readUInt32LE(at.id), changed, value: readControlValue(bytes) };
    }
    case V4L2_EVENT_FRAME_SYNC:
      return { type: 'frame_sync', ...about, sequence: bytes.readUInt32LE(at['u.frame_sync.frame_sequence']) };
    case V4L2_EVENT_EOS:
      return { type: 'eos', ...about };
    case V4L2_EVENT_VSYNC:
      return { type: 'vsync', ...about };
    default:
      return undefined;
  }
}

function readControlValue(bytes: Buffer): number | bigint {
  const { at } = EVENT;
  switch (bytes.readUInt32LE(at['u.ctrl.type'])) {
    case V4L2_CTRL_TYPE_INTEGER64:
      return bytes.readBigInt64LE(at['u.ctrl.value64']);
    case V4L2_CTRL_TYPE_BITMASK:
      return bytes.readUInt32LE(at['u.ctrl.value']);
    default:
      return bytes.readInt32LE(at['u.ctrl.value']);
  }
}

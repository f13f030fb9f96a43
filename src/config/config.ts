import type { CameraConfig } from './camera-schema.ts';
import type { RtpConfig } from './rtp-schema.ts';
import type { RootConfig } from './schema.ts';

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** A whole, checked and frozen config: every key is there. */
export type Config = DeepReadonly<RootConfig>;
export type Camera = DeepReadonly<CameraConfig>;
export type RtpOutput = DeepReadonly<RtpConfig>;

export function deepFreeze<T>(value: T): DeepReadonly<T> {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value as DeepReadonly<T>;
}

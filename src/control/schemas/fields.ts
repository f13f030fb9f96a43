import * as z from 'zod/mini';

/** Argument fields that several commands share. */

export const CAMERA_ID = z.string().check(z.regex(/^[a-z0-9-]{1,64}$/));

/** A stored clip, as `clip.start` answers and its file is named. */
export const CLIP_ID = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,127}$/));

/** Which rule of age a clip has. */
export const CLIP_CLASS = z.string().check(z.regex(/^[a-z0-9-]{1,32}$/));

/** IPv4 or IPv6 address, or a host name. */
export const HOST = z.string().check(z.regex(/^[A-Za-z0-9._:%-]{1,253}$/));

export const PORT = z.int().check(z.gte(1), z.lte(65_535));

/** What names a stream of a camera: `host:port` (IPv6 in brackets), as `stream.start` answers. */
export const STREAM_ID = z.string().check(z.minLength(3), z.maxLength(270));

/** Name of a network interface: what fits into the kernel's IFNAMSIZ and needs no quoting. */
export const INTERFACE = z.string().check(z.regex(/^[A-Za-z0-9_.-]{1,15}$/));

/**
 * Where the box keeps a key, which itself never travels: a systemd credential, or a file beside the config. Other paths are the
 * config's to name: a console must not make the box read what it likes.
 */
export const KEY_FILE = z.string().check(z.regex(/^(credential:|\/etc\/cambox\/)[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/));

/** So many seconds after it was asked for a job ends as `timed_out`, whether it has begun or not. */
export const DEADLINE_S = z.optional(z.number().check(z.gte(1), z.lte(864_000)));

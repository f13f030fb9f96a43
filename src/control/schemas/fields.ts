import * as z from 'zod/mini';

/** Argument fields that several commands share. */

export const CAMERA_ID = z.string().check(z.regex(/^[a-z0-9-]{1,64}$/));

/** IPv4 or IPv6 address, or a host name. */
export const HOST = z.string().check(z.regex(/^[A-Za-z0-9._:%-]{1,253}$/));

export const PORT = z.int().check(z.gte(1), z.lte(65_535));

/** What names a stream of a camera: `host:port` (IPv6 in brackets), as `stream.start` answers. */
export const STREAM_ID = z.string().check(z.minLength(3), z.maxLength(270));

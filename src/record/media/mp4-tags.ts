import { findBox } from './mp4-fragment.ts';

/**
 * The tags of an MP4 that every player shows (title, comment, description), where ffmpeg writes them: an item list as
 * iTunes has it, in `udta` of the `moov` (QuickTime File Format, "Metadata"). Pure; never throws.
 */
export type Mp4Tag = 'title' | 'comment' | 'description';

/** Boxes of the item list, as Latin-1 reads their four bytes. */
const ITEMS: Readonly<Record<Mp4Tag, string>> = { title: '\u00a9nam', comment: '\u00a9cmt', description: 'desc' };
/** `meta` is a full box: version and flags stand before its boxes. So do type and locale before a value. */
const META_BODY_AT = 4;
const VALUE_AT = 8;

/** The bytes of a tag's text in the body of a `moov`, as a view; undefined when it has no such tag. */
export function findTag(moov: Uint8Array, tag: Mp4Tag): Uint8Array | undefined {
  const meta = within(moov, 'udta', 'meta');
  const data = meta && within(meta.subarray(META_BODY_AT), 'ilst', ITEMS[tag], 'data');
  return data === undefined || data.length < VALUE_AT ? undefined : data.subarray(VALUE_AT);
}

const within = (bytes: Uint8Array, ...types: readonly string[]): Uint8Array | undefined =>
  types.reduce<Uint8Array | undefined>((body, type) => body && findBox(body, type), bytes);

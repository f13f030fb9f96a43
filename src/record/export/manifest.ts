import * as z from 'zod/mini';

/** What stands beside exported clips: one entry a file, and the same hashes for `sha256sum -c`. Pure. */

const VERSION = 1;
const HASH = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const COUNT = z.int().check(z.gte(0));

/** A name in a folder, and no path; one with control characters could not be told in a line. */
export function isFileName(name: string): boolean {
  return /^[^/\p{Cc}]{1,255}$/u.test(name) && name !== '.' && name !== '..';
}

const ENTRY = z.object({
  /** Its name in the target. */
  file: z.string().check(z.refine(isFileName)),
  /** Of the file as it lies there, sealed or not. */
  bytes: COUNT,
  sha256: HASH,
  sealed: z.boolean(),
  /** Whom it is sealed for. */
  recipients: z.optional(z.array(z.string())),
  clip: z.string(),
  /** Of the clip before it was sealed. */
  clip_bytes: COUNT,
  clip_sha256: HASH,
  box: z.nullable(z.string()),
  camera: z.nullable(z.string()),
  /** Wall clock at the first frame, ISO 8601. */
  start: z.nullable(z.string()),
  frames: z.nullable(COUNT),
});

const MANIFEST = z.object({ cambox_export: z.literal(VERSION), files: z.array(ENTRY) });

export type ManifestEntry = Readonly<z.output<typeof ENTRY>>;

export const MANIFEST_NAME = 'manifest.json';
/** Written after each file, so that an export that was broken off goes on where it was. */
export const PROGRESS_NAME = 'manifest.partial.json';
export const SUMS_NAME = 'SHA256SUMS';

export const manifestText = (files: readonly ManifestEntry[]): string =>
  `${JSON.stringify({ cambox_export: VERSION, files }, undefined, 2)}\n`;

/** As sha256sum(1) writes and checks it, in binary mode: a line whose name has a backslash begins with one, and doubles it. */
export const sumsText = (files: readonly ManifestEntry[]): string =>
  files
    .map(({ sha256, file }) => `${file.includes('\\') ? '\\' : ''}${sha256} *${file.replaceAll('\\', '\\\\')}\n`)
    .join('');

/** Somebody's text: undefined when it is no manifest of ours. Never throws. */
export function parseManifest(text: string): readonly ManifestEntry[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return z.safeParse(MANIFEST, json).data?.files;
}

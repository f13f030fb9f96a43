import { execFileSync } from 'node:child_process';

/** The tags that exiftool reads in a JPEG, as they are stored (`group:tag`), its warnings included. */
export function exifOf(jpeg: Uint8Array): Readonly<Record<string, unknown>> {
  const text = execFileSync('exiftool', ['-json', '-n', '-G1', '-warning', '-all', '-'], {
    input: jpeg,
    encoding: 'utf8',
  });
  return (JSON.parse(text) as Record<string, unknown>[])[0]!;
}

/** What exiftool finds wrong with the structure of a picture. */
export const exifComplaints = (jpeg: Uint8Array): string =>
  execFileSync('exiftool', ['-validate', '-warning', '-error', '-a', '-s', '-'], { input: jpeg, encoding: 'utf8' });

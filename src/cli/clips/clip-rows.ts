import type { ClipPage } from '../../catalog/clip-page.ts';
import type { ClipSummary } from '../../catalog/clip-record.ts';
import { type CliIo, EXIT, type ExitCode } from '../cli-command.ts';
import { alignColumns } from '../text-columns.ts';

const MEGABYTE = 1e6;

/** A page of clips as JSON or as a table; exits with 0 also when there are none. */
export function printPage(page: ClipPage, asJson: boolean | undefined, io: CliIo): ExitCode {
  if (asJson) {
    io.print(JSON.stringify(page));
    return EXIT.ok;
  }
  if (page.clips.length === 0) io.note('no clips');
  else for (const line of alignColumns(page.clips.map(cells), [2, 3])) io.print(line);
  if (page.next !== undefined) io.note(`more: --after ${page.next}`);
  return EXIT.ok;
}

const cells = (clip: ClipSummary): string[] => [
  clip.clip,
  ...figures(clip.started_at, clip),
  `${clip.state}${clip.protected ? ', protected' : ''}`,
  clip.class ?? '',
  clip.label ?? '',
];

/** Of a file: when, how long, how large. */
export const figures = (
  at: string,
  { duration_ms, bytes }: { readonly duration_ms: number; readonly bytes: number },
): readonly string[] => [
  `${at.slice(0, 19).replace('T', ' ')}Z`,
  `${(duration_ms / 1000).toFixed(1)} s`,
  `${(bytes / MEGABYTE).toFixed(1)} MB`,
];

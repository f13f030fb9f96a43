import type { ClipPage } from '../../catalog/clips/clip-page.ts';
import type { ClipSummary } from '../../catalog/clips/clip-record.ts';
import { type CliIo, EXIT, type ExitCode } from '../cli-command.ts';
import { alignColumns } from '../text-columns.ts';

const MEGABYTE = 1e6;

/** A page of clips as JSON or as a table; exits with 0 also when there are none. */
export const printPage = (page: ClipPage, asJson: boolean | undefined, io: CliIo): ExitCode =>
  printRows(page, page.clips.map(cells), { asJson, io, none: 'no clips', right: [2, 3] });

export interface RowsOptions {
  readonly asJson: boolean | undefined;
  readonly io: CliIo;
  /** What to say when there are none. */
  readonly none: string;
  /** Columns of figures. */
  readonly right?: readonly number[];
}

/** A page of a list as JSON, or its rows as a table, and where it goes on. */
export function printRows(
  page: { readonly next?: string },
  rows: readonly (readonly string[])[],
  { asJson, io, none, right = [] }: RowsOptions,
): ExitCode {
  if (asJson) {
    io.print(JSON.stringify(page));
    return EXIT.ok;
  }
  if (rows.length === 0) io.note(none);
  else for (const line of alignColumns(rows, right)) io.print(line);
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

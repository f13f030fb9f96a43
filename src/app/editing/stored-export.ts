import { basename } from 'node:path';
import { CamboxError, retoldError } from '../../base/errors.ts';
import type { Config } from '../../config/config.ts';
import { secretPath } from '../../config/secret-file.ts';
import type { JobContext, JobSpec } from '../../jobs/job.ts';
import { type JobChildDeps, type JobChildExit, runJobChild } from '../../record/child/job-child.ts';
import { lastWords } from '../../record/child/run-program.ts';
import type { ExportedClip } from '../../record/export/export-clips.ts';
import type { ExportReport, ExportRequest } from '../../record/export/export-report.ts';
import { describeKill } from '../../record/memory/describe-kill.ts';
import { exportOrder } from '../jobs/job-orders.ts';
import type { ClipSources } from './clip-sources.ts';
import { type ExportError, ExportLines } from './export-lines.ts';
import type { MadeShelf } from './made-register.ts';

/** How this program is started. */
export interface SelfProgram {
  readonly program: string;
  readonly args: readonly string[];
}

export interface StoredExportDeps extends JobChildDeps {
  /** The recording folder, absolute. */
  readonly dir: string;
  readonly sources: ClipSources;
  readonly shelf: Pick<MadeShelf, 'hold'>;
  /** Where to, as the config is now. */
  readonly place: Config['export'];
  /** systemd's $CREDENTIALS_DIRECTORY. */
  readonly credentialsDirectory: string | undefined;
  readonly self: SelfProgram;
}

/** More are a mistyped time span. */
const MOST_CLIPS = 512;
const MOST_TOLD = 32;

/**
 * The job that hands stored clips over to the place that the config names: `cambox clips export` as a child, so that sealing does
 * not hold up the pictures and has a cap of its own. What is there already is not sent again, also when the job is done again after
 * a restart. Throws `unsupported` (the config names no place), `bad_argument`, `not_found`.
 */
export async function storedExport(request: ExportRequest, deps: StoredExportDeps): Promise<JobSpec<ExportReport>> {
  const { to } = deps.place;
  if (to === '') throw nowhere();
  const recipients = [...new Set([...deps.place.recipients, ...request.recipients])];
  if (recipients.length > 0) await assertPublicKeys(recipients);
  const clips = await deps.sources.chosen(request.clips, MOST_CLIPS);
  const ids = clips.map(({ clip }) => clip);
  return {
    // one of its kind: what it needs does not hang on pictures
    workload: { kind: 'export', encoder: 'copy', width: 1, height: 1, threads: 1 },
    title: `export of ${ids.length === 1 ? ids[0] : `${ids.length} clips`} to ${to}`,
    key: JSON.stringify(['export', to, ids, recipients]),
    order: exportOrder(request, ids),
    fault: exportFault,
    async run(context) {
      using _held = deps.shelf.hold(clips.map(({ path }) => basename(path)));
      return await runExport(ids, recipients, context, deps);
    },
  };
}

async function runExport(
  ids: readonly string[],
  recipients: readonly string[],
  context: JobContext,
  deps: StoredExportDeps,
): Promise<ExportReport> {
  const { self, dir, place } = deps;
  const lines = new ExportLines((done) => context.progress(done / ids.length));
  const args = [
    ...[...self.args, 'clips', 'export', ...ids, '--json-lines', '--dir', dir, '--to', place.to],
    ...recipients.flatMap((recipient) => ['--recipient', recipient]),
    ...secretOptions(deps),
  ];
  const onOutput = (chunk: Buffer): void => lines.push(chunk);
  const exit = await runJobChild({ kind: 'export', program: self.program, args, onOutput }, context, deps);
  const failure = failureOf(exit, lines.error, place.to);
  if (failure !== undefined) throw failure;
  const of = (outcome: ExportedClip['outcome']) => lines.clips.filter((clip) => clip.outcome === outcome);
  const failed = of('failed');
  return {
    to: place.to,
    ...{ copied: of('copied').length, present: of('present').length, failed: failed.length },
    bytes: of('copied').reduce((sum, { bytes }) => sum + bytes, 0),
    sealed: recipients.length > 0,
    failed_clips: failed.slice(0, MOST_TOLD).map(({ clip, problem = '' }) => ({ clip, problem })),
  };
}

/** Files for a server; a folder needs none. */
function secretOptions({ place, credentialsDirectory }: StoredExportDeps): string[] {
  const files = { '--ca': place.ca, '--cert': place.cert, '--key': place.key, '--token-file': place.token_file };
  return Object.entries(files).flatMap(([option, reference]) => {
    const path = secretPath(reference, credentialsDirectory);
    return path === undefined ? [] : [option, path];
  });
}

/** Why nothing more could be exported; clips that could not be read are none of that. */
function failureOf(exit: JobChildExit, error: ExportError | undefined, to: string): CamboxError | undefined {
  const failed = { verb: 'export to', thing: to } as const;
  const kill = describeKill(exit.memory);
  if (kill !== undefined) return new CamboxError('resource_limit', { ...failed, reason: `it broke off: ${kill}` });
  if (error !== undefined) return retoldError(error.code, error.message, failed.verb, failed.thing);
  if (exit.code === 0 || exit.code === 1) return undefined;
  const reason = lastWords(exit.stderr) || `it ended with ${exit.signal ?? exit.code}`;
  return new CamboxError('child_failed', { ...failed, reason });
}

function exportFault({ failed, failed_clips }: ExportReport): CamboxError | undefined {
  if (failed === 0) return undefined;
  const [first] = failed_clips;
  const reason = `${failed} of them could not be read, the first of them ${first?.clip}: ${first?.problem}`;
  return new CamboxError('bad_input', { verb: 'export', thing: 'all clips', reason });
}

/** Loaded when it is needed: the daemon itself seals nothing. */
async function assertPublicKeys(recipients: readonly string[]): Promise<void> {
  const { openSeal } = await import('../../record/export/seal.ts');
  openSeal(recipients);
}

const nowhere = (): CamboxError =>
  new CamboxError('unsupported', {
    ...{ verb: 'export', thing: 'clips', reason: 'the config of this box names no place for them' },
    remedy: 'Set export.to; cambox clips export takes any place, on the box itself',
  });

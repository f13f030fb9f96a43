import { readFileSync } from 'node:fs';
import { SYSTEM_CLOCK } from '../../base/clock.ts';
import { CamboxError } from '../../base/errors.ts';
import { type ExportedClip, exportClips } from '../../record/export/export-clips.ts';
import type { ExportTarget } from '../../record/export/export-target.ts';
import { FolderTarget } from '../../record/export/folder-target.ts';
import { HttpsTarget } from '../../record/export/https-target.ts';
import { MANIFEST_NAME } from '../../record/export/manifest.ts';
import { openSeal } from '../../record/export/seal.ts';
import { type CliCommand, type CliIo, EXIT, type ExitCode, UsageError } from '../cli-command.ts';
import { SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { numberOption, readOptions } from '../options.ts';
import { CLIP_OPTIONS, CLIP_USAGE, chosenClips } from './clip-options.ts';
import { searchedClips } from './searched-clips.ts';

const OPTIONS = {
  ...CLIP_OPTIONS,
  ...SOCKET_OPTION,
  search: { type: 'string' },
  to: { type: 'string' },
  recipient: { type: 'string', multiple: true },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  'token-file': { type: 'string' },
  tries: { type: 'string' },
  json: { type: 'boolean' },
  'json-lines': { type: 'boolean' },
} as const;

export const EXPORT: CliCommand = {
  name: 'clips export',
  summary: 'copy clips to a folder or a server, with their hashes, sealed if you like',
  usage: `cambox clips export [CLIP…] --to FOLDER|https://HOST/FOLDER/ [--recipient age1…] [--json]

CLIP  the id of a clip; without any, all that the options leave. Clips that are still being recorded are left out, and
      what jobs made of clips (cuts, timelapses), unless it is named.

  --to TARGET     a folder, or a server that takes PUT. What is there already is not sent again, so an export that was
                  broken off goes on where it was. Beside the clips stand manifest.json and SHA256SUMS
  --recipient KEY seal the clips with age, for this public key; may be given several times
  --json-lines    each clip as a JSON object on a line of its own when it is done; an error, too
  --search WORDS  with these words, as cambox clips search finds them
${CLIP_USAGE}
${SOCKET_USAGE}

For servers:
  --ca FILE       who signed the server's certificate, PEM
  --cert, --key FILE   a certificate of this box, PEM
  --token-file FILE    a key, sent as Authorization: Bearer
  --tries N       how often each file is tried when the connection breaks (8)

Exit codes: 0 all is there, 1 a clip could not be read, 2 broken off.`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, OPTIONS);
    const isInLines = values['json-lines'] === true;
    try {
      return await exportAll(values, positionals, io);
    } catch (thrown) {
      if (isInLines && thrown instanceof CamboxError) {
        io.print(JSON.stringify({ error: { code: thrown.code, message: thrown.message } }));
      }
      throw thrown;
    }
  },
};

type ExportValues = ReturnType<typeof readOptions<typeof OPTIONS>>['values'];

async function exportAll(values: ExportValues, positionals: readonly string[], io: CliIo): Promise<ExitCode> {
  if (values.to === undefined || values.to === '') throw new UsageError('--to is missing: a folder, or https://…');
  if (values.search !== undefined && positionals.length > 0)
    throw new UsageError('name clips, or search them: not both');
  const seal = values.recipient === undefined ? undefined : openSeal(values.recipient);
  const ids = values.search === undefined ? positionals : await searchedClips(values.search, values, io);
  const clips = await chosenClips(ids, values, io, { mayBeGone: values.search !== undefined });
  await using target = await openTarget(values.to, values, io);
  const onClip = (clip: ExportedClip): void => {
    if (values['json-lines']) io.print(JSON.stringify(clip));
    else if (!values.json) io.print(inText(clip));
  };
  const done = await exportClips(clips, target, seal, { signal: io.signal, onClip }).catch((failure: unknown) => {
    throw io.signal.aborted ? brokenOff(target) : failure;
  });
  const counts = { copied: 0, present: 0, failed: 0 };
  for (const { outcome } of done) counts[outcome] += 1;
  if (values.json) io.print(JSON.stringify({ target: target.name, manifest: MANIFEST_NAME, ...counts, clips: done }));
  else if (!values['json-lines']) {
    io.print(`${target.name}: ${counts.copied} copied, ${counts.present} there already, ${counts.failed} failed`);
  }
  return counts.failed > 0 ? EXIT.warning : EXIT.ok;
}

type TargetValues = { readonly [Name in 'ca' | 'cert' | 'key' | 'token-file' | 'tries']?: string };

async function openTarget(to: string, values: TargetValues, io: CliIo): Promise<ExportTarget> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(to)) return await FolderTarget.open(to, io.signal);
  const { 'token-file': tokenFile, ...files } = values;
  const tries = numberOption('tries', values.tries, { least: 1, most: 100, whole: true });
  const options = {
    ...(files.ca !== undefined && { ca: textOf(files.ca) }),
    ...(files.cert !== undefined && { cert: textOf(files.cert) }),
    ...(files.key !== undefined && { key: textOf(files.key) }),
    ...(tokenFile !== undefined && { token: textOf(tokenFile).trim() }),
    ...(tries !== undefined && { tries }),
  };
  return new HttpsTarget(to, options, {
    clock: SYSTEM_CLOCK,
    signal: io.signal,
    random: Math.random,
    onRetry: (file, reason, waitMs) => io.note(`${file}: ${reason}; again in ${(waitMs / 1000).toFixed(1)} s`),
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CamboxError('bad_argument', { verb: 'read', thing: path, reason, cause });
  }
}

const brokenOff = ({ name }: ExportTarget): CamboxError =>
  new CamboxError('interrupted', {
    ...{ verb: 'export to', thing: name, reason: 'it was told to stop' },
    remedy: 'Run it again, and it goes on from there',
  });

const inText = ({ file, outcome, bytes, problem }: ExportedClip): string =>
  `${outcome.padEnd(8)} ${file}  ${problem ?? `${bytes} bytes`}`;

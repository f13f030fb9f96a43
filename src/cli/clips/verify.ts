import { statSync } from 'node:fs';
import { verifyClip } from '../../record/clip/verify-clip.ts';
import { type VerifiedFile, verifyExport } from '../../record/export/verify-export.ts';
import { type CliCommand, type CliIo, EXIT } from '../cli-command.ts';
import { readOptions } from '../options.ts';
import { CLIP_OPTIONS, CLIP_USAGE, chosenClips, recordPrograms } from './clip-options.ts';

export const VERIFY: CliCommand = {
  name: 'clips verify',
  summary: 'look whether clips, or exported files, are whole',
  usage: `cambox clips verify [CLIP…|FOLDER] [--json]

CLIP    the id of a clip; without any, all that the options leave, but for what jobs made of clips. Every frame is
        decoded and counted
FOLDER  what cambox clips export has written: every file is hashed and compared with the manifest; opens nothing sealed

${CLIP_USAGE}

Exit codes: 0 all are whole, 2 something is damaged or missing.`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { ...CLIP_OPTIONS, json: { type: 'boolean' } });
    const [first, ...more] = positionals;
    const isFolder = first !== undefined && more.length === 0 && isDirectory(first);
    const files: VerifiedFile[] = [];
    for await (const found of isFolder ? verifyExport(first, io.signal) : verifyClips(positionals, values, io)) {
      files.push(found);
      if (!values.json)
        io.print(`${found.problem === undefined ? 'ok      ' : 'DAMAGED '} ${found.file}${suffix(found)}`);
    }
    const damaged = files.filter(({ problem }) => problem !== undefined).length;
    if (values.json) io.print(JSON.stringify({ whole: files.length - damaged, damaged, files }));
    else io.print(`${files.length - damaged} whole, ${damaged} damaged`);
    return damaged > 0 ? EXIT.failure : EXIT.ok;
  },
};

const suffix = ({ problem }: VerifiedFile): string => (problem === undefined ? '' : `  ${problem}`);

async function* verifyClips(
  ids: readonly string[],
  values: Parameters<typeof chosenClips>[1],
  io: CliIo,
): AsyncGenerator<VerifiedFile> {
  const clips = await chosenClips(ids, values, io);
  const programs = recordPrograms(values, io);
  for (const clip of clips) {
    io.signal.throwIfAborted();
    const problem = await verifyClip(clip, programs);
    io.signal.throwIfAborted(); // Ctrl-C ends its ffmpeg as well, which says nothing of the clip
    yield { file: clip.id, problem };
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

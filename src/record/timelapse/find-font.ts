import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import { runProgram } from '../child/run-program.ts';

const FOLDERS = ['/usr/share/fonts', '/usr/local/share/fonts'];
/** Legible in a small picture, the best first. */
const WANTED = [
  /DejaVuSans\.ttf$/,
  /NotoSans-Regular\.ttf$/,
  /LiberationSans-Regular\.ttf$/,
  /FreeSans\.ttf$/,
  /\.ttf$/,
];
/** What drawtext takes without quotes. */
const PLAIN = /^[\w./-]+$/;
const LIMITS = { timeoutMs: 10_000, maxBytes: 1 << 20 };

/** A font for ffmpeg's drawtext, `wanted` or one of this machine, and that ffmpeg has it. Throws `unsupported`, `not_found`. */
export async function findFont(ffmpeg: string, wanted?: string): Promise<string> {
  const filters = await runProgram(ffmpeg, ['-hide_banner', '-filters'], LIMITS);
  const failed = { verb: 'burn a label into', thing: 'the pictures' } as const;
  if (!/ drawtext /.test(filters)) {
    const remedy = "Take an ffmpeg with it (Debian's has it), or leave out the label";
    throw new CamboxError('unsupported', {
      ...failed,
      reason: `${ffmpeg} was built without drawtext (libfreetype)`,
      remedy,
    });
  }
  if (wanted !== undefined) {
    await access(wanted, constants.R_OK).catch((cause: Error) => {
      throw new CamboxError('not_found', { ...failed, reason: `the font cannot be read: ${cause.message}`, cause });
    });
    return wanted;
  }
  const fonts = (await Promise.all(FOLDERS.map(filesBelow))).flat().filter((path) => PLAIN.test(path));
  const font = WANTED.map((name) => fonts.find((path) => name.test(path))).find((path) => path !== undefined);
  if (font !== undefined) return font;
  throw new CamboxError('not_found', {
    ...failed,
    reason: `there is no TrueType font in ${FOLDERS.join(' and ')}`,
    remedy: 'Install one: sudo apt-get install fonts-dejavu-core',
  });
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true });
    return entries.toSorted().map((name) => join(folder, name));
  } catch {
    return []; // there is no such folder
  }
}

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { asCamboxError, CamboxError, type ErrorCode } from '../../base/errors.ts';
import { lastWords, runProgram } from '../child/run-program.ts';
import { frameTimesArguments, inputFactsArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import { type InputFacts, type InputFault, parseInputFacts } from './input-facts.ts';

const PROBE = { timeoutMs: 30_000, maxBytes: 1 << 20 };
/** Reads every packet of a file that does not tell its length: a line of some twenty bytes a picture. */
const READ_THROUGH = { timeoutMs: 600_000, maxBytes: 256 << 20 };

/**
 * What a file is made of. `path` is absolute, so that ffmpeg takes no name for an option or a protocol.
 * Throws `not_found`, `not_permitted`, `bad_input` (a folder, empty, broken, without pictures), `missing_program`,
 * `timed_out`.
 */
export async function findInput(ffprobe: string, path: string, verb: string): Promise<InputFacts> {
  await assertFile(path, verb);
  const text = await runProgram(ffprobe, inputFactsArguments(path), PROBE).catch((thrown) => {
    const failure = asCamboxError(thrown, verb, path);
    if (failure.code !== 'child_failed') throw failure;
    const words = failure.cause instanceof Error ? wordsOf(failure.cause.message, path) : failure.message;
    throw badInput(verb, path, `ffmpeg cannot read it (${words})`, 'Is it whole? Look at it with: ffprobe FILE');
  });
  const facts = parseInputFacts(text);
  if (typeof facts === 'string') throw badInput(verb, path, FAULTS[facts]);
  if (facts.video.durationUs !== undefined) return facts;
  return { ...facts, video: { ...facts.video, durationUs: await durationByReading(ffprobe, path, facts, verb) } };
}

const FAULTS: Readonly<Record<InputFault, string>> = {
  no_json: 'ffprobe tells nothing about it',
  no_video: 'there are no pictures in it',
  audio_only: 'there is only sound in it, and no pictures',
};

async function assertFile(path: string, verb: string): Promise<void> {
  try {
    const file = await stat(path);
    if (file.isDirectory()) throw badInput(verb, path, 'it is a folder', 'Name one file');
    if (!file.isFile()) throw badInput(verb, path, 'it is no file that can be read again and again');
    if (file.size === 0) throw badInput(verb, path, 'it is empty');
    await access(path, constants.R_OK);
  } catch (cause) {
    if (cause instanceof CamboxError) throw cause;
    const { code: errno, message } = cause as NodeJS.ErrnoException;
    const isMissing = errno === 'ENOENT' || errno === 'ENOTDIR';
    const code: ErrorCode = isMissing ? 'not_found' : errno === 'EACCES' ? 'not_permitted' : 'bad_input';
    throw new CamboxError(code, { verb, thing: path, reason: isMissing ? 'there is no such file' : message, cause });
  }
}

async function durationByReading(ffprobe: string, path: string, facts: InputFacts, verb: string): Promise<number> {
  const lines = (await runProgram(ffprobe, frameTimesArguments(path), READ_THROUGH)).split('\n');
  const lastUs = lines.reduce((last, line) => Math.max(last, Math.round(Number.parseFloat(line) * 1e6) || 0), 0);
  const durationUs = lastUs - facts.video.startUs + facts.video.frameUs;
  if (lines.every((line) => line.trim() === '')) throw badInput(verb, path, FAULTS.no_video);
  return durationUs;
}

function badInput(verb: string, thing: string, reason: string, remedy?: string): CamboxError {
  return new CamboxError('bad_input', { verb, thing, reason, ...(remedy && { remedy }) });
}

/** Node's message has the command line first, then what the program said: that, without the file's name and addresses. */
const wordsOf = (message: string, path: string): string =>
  lastWords(message.trim().split('\n').slice(1).join('\n'))
    .replaceAll(`${path}: `, '')
    .replaceAll(/\[[^\]]* @ 0x[0-9a-f]+\] /g, '');

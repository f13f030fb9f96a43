import { CamboxError } from '../../base/errors.ts';

/** The program is not there or may not be run. */
export function missingProgram(program: string, cause: NodeJS.ErrnoException): CamboxError {
  return new CamboxError('missing_program', {
    verb: 'run',
    thing: program,
    reason: cause.code === 'ENOENT' ? 'it is not installed' : cause.message,
    remedy: 'Install it: sudo apt-get install ffmpeg (or set record.ffmpeg and record.ffprobe to where they are)',
    cause,
  });
}

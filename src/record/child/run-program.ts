import { execFile } from 'node:child_process';
import { CamboxError } from '../../base/errors.ts';
import { childEnvironment } from './child-environment.ts';
import { missingProgram } from './program-errors.ts';

export interface RunLimits {
  readonly timeoutMs: number;
  /** Of its output; more ends it. */
  readonly maxBytes: number;
}

/**
 * Run a short program and return what it printed. Throws `missing_program`, `timed_out`, `child_failed` (with the end
 * of its stderr).
 */
export function runProgram(program: string, args: readonly string[], limits: RunLimits): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env: childEnvironment(process.env),
      timeout: limits.timeoutMs,
      maxBuffer: limits.maxBytes,
      killSignal: 'SIGKILL' as const,
    };
    execFile(program, args, options, (cause, stdout, stderr) => {
      if (cause === null) resolve(stdout);
      else reject(runFailure(program, cause, stderr, limits));
    });
  });
}

function runFailure(
  program: string,
  cause: Error & { code?: string | number | null; killed?: boolean },
  stderr: string,
  limits: RunLimits,
): CamboxError {
  if (cause.code === 'ENOENT' || cause.code === 'EACCES')
    return missingProgram(program, cause as NodeJS.ErrnoException);
  const timedOut = cause.killed === true && cause.code === null;
  return new CamboxError(timedOut ? 'timed_out' : 'child_failed', {
    verb: 'run',
    thing: program,
    reason: timedOut ? `it took longer than ${limits.timeoutMs} ms` : lastWords(stderr) || cause.message,
    cause,
  });
}

const LAST_LINES = 4;

/** The last lines of what a program said, in one: newer ffmpegs end with general words, the cause stands before. */
export const lastWords = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-LAST_LINES)
    .join(' | ');

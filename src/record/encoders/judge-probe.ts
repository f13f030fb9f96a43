import type { ChildExit } from '../child/child.ts';
import { lastWords } from '../child/run-program.ts';
import type { EncoderVerdict } from './encoder-verdict.ts';
import { isBlank, LEAST_LIKENESS_DB, SMALL_BYTES, worstLikenessDb } from './likeness.ts';

/** How an encoder's ffmpeg ended. */
export interface ProbeRun {
  readonly exit: ChildExit;
  /** It was killed, as it did not finish within this time. */
  readonly overdueMs: number | undefined;
}

/** What went in, or what is in the file that came out. */
export interface ProbeMaterial {
  readonly timesUs: readonly number[];
  /** Small copies, one behind the other. */
  readonly small: Uint8Array;
}

/** Ten microseconds: half a tick of the coarsest timescale, and what ffprobe rounds. */
const TIME_TOLERANCE_US = 10;

const fails = (reason: string, lasting = true): EncoderVerdict => ({ works: false, reason, lasting });

/** Why there is nothing to look at; undefined when ffmpeg did its work. */
export function judgeRun({ exit, overdueMs }: ProbeRun): EncoderVerdict | undefined {
  const words = lastWords(exit.stderr);
  const said = words === '' ? '' : `: ${words}`;
  if (overdueMs !== undefined) return fails(`it did not finish within ${overdueMs / 1000} s${said}`, false);
  if (exit.memory?.killed !== undefined) return fails(`it wants more memory than its cap${said}`, false);
  if (exit.signal !== null) return fails(`its ffmpeg was killed by ${exit.signal}${said}`, false);
  return exit.code === 0 ? undefined : fails(words || `its ffmpeg ended with ${exit.code}`);
}

/** Compare what came out with what went in. Pure. */
export function judgeOutput(source: ProbeMaterial, output: ProbeMaterial): EncoderVerdict {
  const count = source.timesUs.length;
  if (output.timesUs.length !== count) return fails(`${output.timesUs.length} of ${count} pictures are in its file`);
  const off = Math.max(...source.timesUs.map((time, i) => Math.abs(time - output.timesUs[i]!)));
  if (!(off <= TIME_TOLERANCE_US)) return fails(`its pictures are up to ${off / 1000} ms off their capture time`);
  const likeness = worstLikenessDb(source.small, output.small);
  if (likeness === undefined) {
    return fails(`${output.small.length / SMALL_BYTES} of ${count} pictures can be decoded`);
  }
  const likenessDb = Math.round(likeness * 10) / 10;
  if (likenessDb < LEAST_LIKENESS_DB) {
    return fails(`its pictures are not those of the camera (${likenessDb} dB alike, ${LEAST_LIKENESS_DB} needed)`);
  }
  return { works: true, likenessDb, lasting: !isBlank(source.small.subarray(0, SMALL_BYTES)) };
}

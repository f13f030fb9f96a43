import type { ChildExit } from '../child.ts';
import { lastWords } from '../run-program.ts';
import type { EncoderVerdict } from './encoder-verdict.ts';
import { isBlank, LEAST_LIKENESS_DB, SMALL_BYTES, worstLikenessDb } from './likeness.ts';

/** How an encoder's ffmpeg ended. */
export interface ProbeRun {
  readonly exit: ChildExit;
  /** It was killed, as it did not finish within this time. */
  readonly overdueMs: number | undefined;
  /** From the first picture it took to its end. */
  readonly workMs: number;
}

/** What is in the file that it wrote. */
export interface ProbeOutput {
  readonly timesUs: readonly number[];
  readonly small: Uint8Array;
}

export interface ProbeSource {
  readonly timesUs: readonly number[];
  readonly small: Uint8Array;
  readonly fps: number;
}

/** Ten microseconds: half a tick of the coarsest timescale, and what ffprobe rounds. */
const TIME_TOLERANCE_US = 10;
/** Probes run at low priority beside everything else: only what is far too slow counts. */
const SLOW_FACTOR = 0.7;

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
export function judgeOutput(source: ProbeSource, output: ProbeOutput, { workMs }: ProbeRun): EncoderVerdict {
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
  const fps = Math.round(((count - 1) * 1000) / Math.max(1, workMs));
  if (fps < SLOW_FACTOR * source.fps) {
    return fails(`it is too slow: ${fps} pictures a second, the camera sends ${Math.round(source.fps)}`, false);
  }
  return { works: true, fps, likenessDb, lasting: !isBlank(source.small.subarray(0, SMALL_BYTES)) };
}

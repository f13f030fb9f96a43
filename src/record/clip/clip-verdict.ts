import type { ChildExit } from '../child/child.ts';
import { lastWords } from '../child/run-program.ts';
import { namesDisk } from '../disk-words.ts';
import { describeKill } from '../memory/describe-kill.ts';
import type { ClipEnd, ClipResult } from './clip.ts';

export interface ClipOutcome {
  /** Why the clip was told to end; undefined when ffmpeg ended first. */
  readonly asked: ClipEnd | undefined;
  readonly exit: ChildExit;
  /** Frames that were taken for the clip, and those that can be read back from its file. */
  readonly taken: number;
  readonly stored: number;
}

export interface ClipVerdict {
  readonly state: ClipResult['state'];
  readonly end: ClipEnd;
  readonly detail?: string;
}

/** These ends leave a clip as long as it was asked to be. */
const COMPLETE: ReadonlySet<ClipEnd> = new Set(['duration', 'stopped', 'max_length']);

/** What became of a clip, from how it ended and what is in its file. Pure. */
export function judgeClip({ asked, exit, taken, stored }: ClipOutcome): ClipVerdict {
  if (taken === 0 && (asked !== undefined || exit.code === 0)) {
    return { state: 'failed', end: 'no_frames', detail: 'the camera sent no frame while the clip ran' };
  }
  const healthy = exit.code === 0 && asked !== undefined;
  if (healthy && stored === taken) {
    return { state: COMPLETE.has(asked) ? 'ready' : 'interrupted', end: asked };
  }
  const state = stored > 0 ? 'interrupted' : 'failed';
  const problems = [describeExit(exit), stored === taken ? '' : `${stored} of ${taken} frames are in the file`];
  return { state, end: endOf(asked, exit), detail: problems.filter((text) => text !== '').join('; ') };
}

function endOf(asked: ClipEnd | undefined, exit: ChildExit): ClipEnd {
  if (exit.memory?.killed !== undefined) return 'out_of_memory';
  if (namesDisk(exit.stderr)) return 'disk_failed';
  // An end that was forced on the clip explains it better than what ffmpeg made of it.
  return asked === undefined || COMPLETE.has(asked) ? 'ffmpeg_failed' : asked;
}

/** ffmpeg's end in words; empty when there is nothing to say. */
function describeExit(exit: ChildExit): string {
  const words = lastWords(exit.stderr);
  const said = words === '' ? '' : `: ${words}`;
  const kill = exit.memory && describeKill(exit.memory);
  if (kill !== undefined) return `ffmpeg broke off: ${kill}`;
  if (exit.rung === 'lost') return `ffmpeg hangs in the kernel and could not be killed${said}`;
  if (exit.rung === 'sigkill' || exit.rung === 'sigterm') return `ffmpeg did not stop and was ended by a signal${said}`;
  if (exit.signal !== null) return `ffmpeg was killed by ${exit.signal}${said}`;
  if (exit.code !== 0) return `ffmpeg exited with code ${exit.code}${said}`;
  return words === '' ? '' : `ffmpeg said${said}`;
}

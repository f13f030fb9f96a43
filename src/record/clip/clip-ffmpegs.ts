import type { MemorySoFar } from '../memory/memory-caps.ts';
import type { Recording } from './recording.ts';

/** The ffmpeg of a clip that runs. */
export interface ClipFfmpeg extends MemorySoFar {
  readonly clip: string;
}

export const ffmpegsOf = (recordings: readonly Recording[]): ClipFfmpeg[] =>
  recordings.flatMap(({ id, state }) => {
    const memory = 'child' in state ? state.child?.memory : undefined;
    return memory === undefined ? [] : [{ clip: id, ...memory }];
  });

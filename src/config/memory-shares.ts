import type { RootConfig } from './schema.ts';

/** The daemon itself: 57 MB after its start, and what MQTT, recoding and the garbage collector take on top. */
export const DAEMON_MB = 72;
/** The smallest ffmpeg that is of use: a copy at 1080p. */
export const LEAST_CHILDREN_MB = 24;

/** What of the memory is left for ffmpeg children. */
export const childrenMb = ({ record, frames }: Pick<RootConfig, 'record' | 'frames'>): number =>
  record.memory_mb - frames.memory_mb - DAEMON_MB;

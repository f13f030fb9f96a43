import { CamboxError } from '../base/errors.ts';
import type { Budget } from './scheduler.ts';

/** Why a job or a live recording is not taken, or ended before its time. */

const MIB = 2 ** 20;
const mib = (bytes: number): string => `${Math.ceil(bytes / MIB)} MB`;
const freeMib = (bytes: number): string => `${Math.max(0, Math.floor(bytes / MIB))} MB`;

export const queueFull = (title: string, waiting: number, retryAfterMs: number): CamboxError =>
  new CamboxError('busy', {
    verb: 'queue',
    thing: title,
    reason: `${waiting} jobs wait already`,
    remedy: `Try again in ${Math.ceil(retryAfterMs / 1000)} s, or raise jobs.queue_length`,
    retryAfterMs,
  });

export const stillEnding = (title: string, retryAfterMs: number): CamboxError =>
  new CamboxError('busy', {
    verb: 'queue',
    thing: title,
    reason: 'the same job was canceled and is still ending',
    remedy: 'Try again',
    retryAfterMs,
  });

export const tooLarge = (title: string, memoryBytes: number, budget: Budget): CamboxError =>
  new CamboxError('resource_limit', {
    verb: 'queue',
    thing: title,
    reason: `it needs ${mib(memoryBytes)} of memory, and jobs may take ${freeMib(budget.memoryBytes - budget.liveReserveBytes)}`,
    remedy: 'Raise record.memory_mb, or lower frames.memory_mb',
  });

export const noRoomForLive = (
  title: string,
  memoryBytes: number,
  freeBytes: number,
  retryAfterMs: number,
): CamboxError =>
  new CamboxError('busy', {
    verb: 'start',
    thing: title,
    reason: `even a copy needs ${mib(memoryBytes)} of memory, and ${freeMib(freeBytes)} are free`,
    remedy: 'Stop another clip, or raise record.memory_mb',
    retryAfterMs,
  });

export const canceled = (title: string, by: string): CamboxError =>
  new CamboxError('canceled', { verb: 'finish', thing: title, reason: by });

export const pastDeadline = (title: string, deadlineMs: number, started: boolean): CamboxError =>
  new CamboxError('timed_out', {
    verb: 'finish',
    thing: title,
    reason: `${started ? 'it was not done' : 'there was no room for it'} within ${Math.round(deadlineMs / 1000)} s`,
  });

/** Told to those who wait for a job that is kept. */
export const goesOn = (title: string, id: string): CamboxError =>
  new CamboxError('interrupted', {
    verb: 'finish',
    thing: title,
    reason: 'cambox is shutting down',
    remedy: `Do not send it again: ${id} goes on when the box is back, and job.finished tells how it ends`,
  });

export const shuttingDown = (title: string): CamboxError =>
  new CamboxError('interrupted', {
    verb: 'finish',
    thing: title,
    reason: 'cambox is shutting down',
    remedy: 'Send it again when the box is back online',
  });

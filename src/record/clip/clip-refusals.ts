import { CamboxError } from '../../base/errors.ts';

/** Why a clip is not started, apart from what is wrong with its request, its directory or ffmpeg. */

const START = { verb: 'start' } as const;

export const shuttingDown = (id: string): CamboxError =>
  new CamboxError('interrupted', { ...START, thing: `clip ${id}`, reason: 'cambox is shutting down' });

export const alreadyRecording = (id: string): CamboxError =>
  new CamboxError('conflict', {
    ...START,
    thing: `clip ${id}`,
    reason: 'a clip of this id is being recorded',
    remedy: 'Choose another id',
  });

export const tooManyClips = (id: string, camera: string, running: number): CamboxError =>
  new CamboxError('resource_limit', {
    ...START,
    thing: `clip ${id}`,
    reason: `camera ${camera} records ${running} clips already`,
    remedy: 'Stop one of them, or raise record.max_clips',
  });

export const tooSlowToStart = (id: string, dir: string, ms: number): CamboxError =>
  new CamboxError('timed_out', {
    ...START,
    thing: `clip ${id}`,
    reason: `neither the disk under ${dir} nor ffmpeg answered within ${ms / 1000} s`,
    remedy: 'Look at the disk: dmesg shows its errors',
  });

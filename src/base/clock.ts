import { type MonoUs, monoUs, type WallMs, wallMs } from './units.ts';

/** The clock port: the only way to time and timers, so that tests can hold time still. */
export interface Clock {
  /** CLOCK_MONOTONIC in microseconds: comparable with V4L2 buffer timestamps. */
  now(): MonoUs;
  /** The wall clock, for labels. */
  wall(): WallMs;
  /** Run `task` once, `ms` from now. The returned function cancels it; calling that late or twice is harmless. */
  after(ms: number, task: () => void): () => void;
  /** Resolves after `ms`, or at once when the signal is aborted (it never rejects: look at the signal). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The real clock. On Linux `process.hrtime` reads CLOCK_MONOTONIC, the clock of the kernel's frame timestamps. */
export const SYSTEM_CLOCK: Clock = {
  now() {
    const [seconds, nanoseconds] = process.hrtime();
    return monoUs(seconds * 1e6 + Math.floor(nanoseconds / 1000));
  },
  wall: () => wallMs(Date.now()),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener('abort', wake, { once: true });
    });
  },
};

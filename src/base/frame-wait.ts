const SILENT_PERIODS = 5;
const SILENT_MIN_MS = 3000;

/** So long without a whole picture, and something is wrong with a camera of that rate; undefined: it does not tell. */
export const frameWaitMs = (fps: number | undefined): number =>
  Math.max(SILENT_MIN_MS, (SILENT_PERIODS * 1000) / (fps ?? Number.POSITIVE_INFINITY));

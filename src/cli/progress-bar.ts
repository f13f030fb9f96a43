import type { Clock } from '../base/clock.ts';
import { msFromUs } from '../base/units.ts';
import type { CliIo } from './cli-command.ts';

const CELLS = 30;
/** Before that nobody knows how long it takes. */
const TOLD_FROM = 0.02;

export interface ProgressBar {
  /** `share`: 0 to 1; words behind the bar. */
  show(share: number, words: string): void;
  clear(): void;
}

/** On a terminal: how far it is, and how long it will go on as it did so far. */
export function progressBar(io: CliIo, clock: Clock): ProgressBar {
  const startedAt = clock.now();
  return {
    show(share, words) {
      const full = Math.round(Math.min(1, share) * CELLS);
      const leftS = share >= TOLD_FROM ? (msFromUs(clock.now() - startedAt) / 1000) * (1 / share - 1) : 0;
      const left = leftS >= 1 ? `, ${Math.round(leftS)} s left` : '';
      const percent = String(Math.floor(share * 100)).padStart(3);
      io.status(`[${'#'.repeat(full)}${'.'.repeat(CELLS - full)}] ${percent} %  ${words}${left}`);
    },
    clear: () => io.status(''),
  };
}

/** Options that make ffmpeg tell how far it is on stdout, twice a second; global, so they stand before the inputs. */
export const PROGRESS_OPTIONS = ['-progress', 'pipe:1', '-nostats', '-stats_period', '0.5'] as const;

/** Its lines are short; a longer one is none of its. */
const MOST_CHARACTERS = 4096;

/** What ffmpeg said last of how far it is. */
export interface Progress {
  /** Of the output: what has been written so far, in microseconds of its time. */
  readonly outTimeUs: number;
  readonly totalBytes: number;
}

/** Reads what `-progress` writes: lines of `key=value`, a `progress=` line at the end of each report. Never throws. */
export class ProgressReader {
  #rest = '';
  #outTimeUs = 0;
  #totalBytes = 0;

  /** The state after the last whole report in these bytes; undefined when there is none. */
  push(chunk: Uint8Array): Progress | undefined {
    const lines = (this.#rest + Buffer.from(chunk).toString('latin1')).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-MOST_CHARACTERS);
    let complete = false;
    for (const line of lines) complete = this.#take(line.trim()) || complete;
    return complete ? { outTimeUs: this.#outTimeUs, totalBytes: this.#totalBytes } : undefined;
  }

  /** True at the end of a report. Values may be N/A as long as nothing is written. */
  #take(line: string): boolean {
    const [key, value] = line.split('=');
    const number = Number(value);
    if (key === 'out_time_us' && Number.isFinite(number)) this.#outTimeUs = number;
    if (key === 'total_size' && Number.isFinite(number)) this.#totalBytes = number;
    return key === 'progress';
  }
}

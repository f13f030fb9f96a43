import type { TimelapseReport } from './timelapse-order.ts';

/** Files that are told by name; the others are counted. */
const TOLD = 10;

/** What could not be read, and why. */
export class Unreadable {
  readonly #files: { readonly path: string; readonly reason: string }[] = [];
  #count = 0;

  add(path: string, reason: string): void {
    this.#count += 1;
    if (this.#files.length < TOLD) this.#files.push({ path, reason });
  }

  /** In words. */
  get first(): string | undefined {
    const [file] = this.#files;
    return file && `${file.path}: ${file.reason}`;
  }

  get firstReason(): string | undefined {
    return this.#files[0]?.reason;
  }

  /** What a report says with these before its own. */
  before(report: TimelapseReport): TimelapseReport {
    const unreadable_files = [...this.#files, ...report.unreadable_files].slice(0, TOLD);
    return { ...report, unreadable: report.unreadable + this.#count, unreadable_files };
  }

  toJSON() {
    return { unreadable: this.#count, unreadable_files: this.#files };
  }
}

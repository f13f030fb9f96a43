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

  toJSON() {
    return { unreadable: this.#count, unreadable_files: this.#files };
  }
}

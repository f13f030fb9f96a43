/** Which files of the recording folder jobs read now. A file may be read by several. */
export class FilesInUse {
  readonly #readers = new Map<string, number>();

  has(file: string): boolean {
    return this.#readers.has(file);
  }

  /** Until it is disposed of. */
  hold(files: readonly string[]): Disposable {
    for (const file of files) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    return { [Symbol.dispose]: () => this.#release(files) };
  }

  #release(files: readonly string[]): void {
    for (const file of files) {
      const left = (this.#readers.get(file) ?? 0) - 1;
      if (left > 0) this.#readers.set(file, left);
      else this.#readers.delete(file);
    }
  }
}

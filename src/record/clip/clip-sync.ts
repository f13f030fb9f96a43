import type { ClipFile } from './clip-file.ts';

/** Brings to the disk what a clip's file holds, one time after the other, beside everything else. */
export class ClipSync {
  readonly #file: ClipFile;
  readonly #onFailure: (message: string) => void;
  #running: Promise<void> | undefined;

  constructor(file: ClipFile, onFailure: (message: string) => void) {
    this.#file = file;
    this.#onFailure = onFailure;
  }

  /** Begin, unless the last one is still under way. */
  begin(): void {
    this.#running ??= this.#file
      .sync()
      .catch((failure: Error) => this.#onFailure(failure.message))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when none is under way. */
  async done(): Promise<void> {
    await this.#running;
  }
}

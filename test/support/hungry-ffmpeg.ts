import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The real ffmpeg, which beside a clip with `greedy` in its name starts something that fills a buffer of so many megabytes
 * once it is told to: as a decoder that a broken picture makes allocate.
 */
export class HungryFfmpeg implements Disposable {
  /** The program, for RecorderOptions.ffmpeg. */
  readonly program: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'cambox-hungry-'));
  readonly #trigger = join(this.#folder, 'eat');

  constructor(megabytes: number) {
    this.program = join(this.#folder, 'ffmpeg');
    // dd fills its buffer, and the second read keeps it: the pipe behind it never ends
    const eat = `(cat /dev/zero) | dd of=/dev/null bs=${megabytes}M iflag=fullblock count=1000 2>/dev/null`;
    const wait = `until [ -e ${this.#trigger} ]; do sleep 0.05; done`;
    writeFileSync(this.program, `#!/bin/sh\ncase "$*" in *greedy*) (${wait}; ${eat}) & ;; esac\nexec ffmpeg "$@"\n`, {
      mode: 0o755,
    });
  }

  eat(): void {
    writeFileSync(this.#trigger, '');
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
